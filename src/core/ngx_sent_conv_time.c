
/*
 * RFC 3339 times, written and read; no clock.
 */


#include "ngx_sent_conv_core.h"


/* 9999-12-31T23:59:59.999Z: the format has no year beyond */

#define NGX_SENT_CONV_TIME_MAX  253402300799999ULL


static u_char *ngx_sent_conv_time_digits(u_char *p, ngx_uint_t value,
    ngx_uint_t n);
static ngx_int_t ngx_sent_conv_time_number(u_char **p, u_char *last,
    ngx_uint_t n, u_char behind);
static ngx_int_t ngx_sent_conv_time_days(ngx_int_t year, ngx_int_t month,
    ngx_int_t day);
static ngx_int_t ngx_sent_conv_time_fraction(u_char **p, u_char *last);
static ngx_int_t ngx_sent_conv_time_offset(u_char **p, u_char *last,
    ngx_int_t *offset);


u_char *
ngx_sent_conv_time_write(u_char *buf, uint64_t ms)
{
    u_char    *p;
    ngx_tm_t   tm;

    if (ms > NGX_SENT_CONV_TIME_MAX) {
        ms = NGX_SENT_CONV_TIME_MAX;
    }

    ngx_gmtime((time_t) (ms / 1000), &tm);

    p = ngx_sent_conv_time_digits(buf, tm.ngx_tm_year, 4);
    *p++ = '-';
    p = ngx_sent_conv_time_digits(p, tm.ngx_tm_mon, 2);
    *p++ = '-';
    p = ngx_sent_conv_time_digits(p, tm.ngx_tm_mday, 2);
    *p++ = 'T';
    p = ngx_sent_conv_time_digits(p, tm.ngx_tm_hour, 2);
    *p++ = ':';
    p = ngx_sent_conv_time_digits(p, tm.ngx_tm_min, 2);
    *p++ = ':';
    p = ngx_sent_conv_time_digits(p, tm.ngx_tm_sec, 2);
    *p++ = '.';
    p = ngx_sent_conv_time_digits(p, (ngx_uint_t) (ms % 1000), 3);
    *p++ = 'Z';

    return p;
}


int64_t
ngx_sent_conv_time_parse(ngx_str_t *text)
{
    u_char     *p, *last;
    int64_t     sec;
    ngx_int_t   year, month, day, hour, min, s, days, msec, offset;

    p = text->data;
    last = p + text->len;

    year = ngx_sent_conv_time_number(&p, last, 4, '-');
    month = ngx_sent_conv_time_number(&p, last, 2, '-');
    day = ngx_sent_conv_time_number(&p, last, 2, 'T');
    hour = ngx_sent_conv_time_number(&p, last, 2, ':');
    min = ngx_sent_conv_time_number(&p, last, 2, ':');
    s = ngx_sent_conv_time_number(&p, last, 2, '\0');

    if (p == NULL || hour > 23 || min > 59 || s > 60) {
        return NGX_ERROR;
    }

    days = ngx_sent_conv_time_days(year, month, day);
    msec = ngx_sent_conv_time_fraction(&p, last);

    if (days == NGX_ERROR
        || msec == NGX_ERROR
        || ngx_sent_conv_time_offset(&p, last, &offset) != NGX_OK
        || p != last)
    {
        return NGX_ERROR;
    }

    sec = (int64_t) days * 86400 + hour * 3600 + min * 60 + s - offset;

    /* a leap second stands at the end of a day in UTC */

    if (sec < 0 || (s == 60 && sec % 86400 != 0)) {
        return NGX_ERROR;
    }

    return sec * 1000 + msec;
}


static u_char *
ngx_sent_conv_time_digits(u_char *p, ngx_uint_t value, ngx_uint_t n)
{
    u_char  *end;

    end = p + n;

    for (p = end; n; n--) {
        *--p = (u_char) ('0' + value % 10);
        value /= 10;
    }

    return end;
}


/* a failure sets *p to NULL, and all that follows fails too */

static ngx_int_t
ngx_sent_conv_time_number(u_char **p, u_char *last, ngx_uint_t n,
    u_char behind)
{
    u_char     *q;
    ngx_int_t   value;

    q = *p;
    *p = NULL;

    if (q == NULL || (size_t) (last - q) < n + (behind ? 1 : 0)) {
        return NGX_ERROR;
    }

    value = ngx_atoi(q, n);
    if (value == NGX_ERROR) {
        return NGX_ERROR;
    }

    q += n;

    if (behind) {

        if (*q != behind
            && !(behind == 'T' && (*q == 't' || *q == ' ')))
        {
            return NGX_ERROR;
        }

        q++;
    }

    *p = q;

    return value;
}


/* days since the epoch */

static ngx_int_t
ngx_sent_conv_time_days(ngx_int_t year, ngx_int_t month, ngx_int_t day)
{
    ngx_int_t               leap, length;
    static const ngx_int_t  before[] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
    };

    if (year < 1970 || month < 1 || month > 12 || day < 1) {
        return NGX_ERROR;
    }

    leap = (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    length = before[month] - before[month - 1];

    if (month == 2) {
        length += leap;
    }

    if (day > length) {
        return NGX_ERROR;
    }

    if (month > 2) {
        day += leap;
    }

    year--;

    return year * 365 + year / 4 - year / 100 + year / 400
           + before[month - 1] + day - 1 - 719162;
}


static ngx_int_t
ngx_sent_conv_time_fraction(u_char **p, u_char *last)
{
    u_char     *q;
    ngx_int_t   msec, unit;

    q = *p;

    if (q == last || *q != '.') {
        return 0;
    }

    q++;
    msec = 0;

    for (unit = 100; q < last && *q >= '0' && *q <= '9'; unit /= 10) {
        msec += (*q++ - '0') * unit;
    }

    if (unit == 100) {
        return NGX_ERROR;
    }

    *p = q;

    return msec;
}


static ngx_int_t
ngx_sent_conv_time_offset(u_char **p, u_char *last, ngx_int_t *offset)
{
    u_char      c;
    ngx_int_t   hour, min;

    if (*p == last) {
        return NGX_ERROR;
    }

    c = *(*p)++;

    if (c == 'Z' || c == 'z') {
        *offset = 0;
        return NGX_OK;
    }

    if (c != '+' && c != '-') {
        return NGX_ERROR;
    }

    hour = ngx_sent_conv_time_number(p, last, 2, ':');
    min = ngx_sent_conv_time_number(p, last, 2, '\0');

    if (*p == NULL || hour > 23 || min > 59) {
        return NGX_ERROR;
    }

    *offset = (hour * 60 + min) * ((c == '+') ? 60 : -60);

    return NGX_OK;
}
