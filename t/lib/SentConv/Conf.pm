package SentConv::Conf;

# The configuration most tests run with: everything the module can do, with
# times short enough to wait for.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(standard);


# main, http, server: further text at those places; window, workers; off =>
# [names of directives of the text below that the test sets by itself]

sub standard {
    my (%arg) = @_;

    $arg{$_} //= '' for qw(main http server);
    $arg{workers} //= 2;
    $arg{window} //= '24h';

    my $text = <<'EOF';

%%GLOBALS%%
worker_processes %%WORKERS%%;
worker_shutdown_timeout 30s;
%%MAIN%%

events {
    worker_connections 1024;
}

http {
%%GLOBALS_HTTP%%

    sent_conv_redis unix:%%REDIS%%;
    sent_conv_window %%WINDOW%%;
    sent_conv_webhook_allow 127.0.0.0/8;
    sent_conv_webhook_http on;
    sent_conv_webhook_backoff 100ms 200ms 400ms 800ms 1s;
    sent_conv_webhook_breaker 10 200ms 1s;
    sent_conv_carrier_backoff 100ms 400ms;
%%HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%%;

        client_max_body_size 8m;
        proxy_connect_timeout 2s;

        location /v3/ {
            sent_conv_api;
        }

        location = /carriers/whatsapp {
            sent_conv_carrier wa whatsapp generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
        }

        location = /carriers/sms {
            sent_conv_carrier sms-one sms generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
        }

        location = /carriers/rcs {
            sent_conv_carrier rcs-one rcs generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
        }

        location = /carriers/other {
            sent_conv_carrier other sms generic;
            sent_conv_carrier_secret %%TESTDIR%%/other.secret;
        }

        location = /deliver/webhook {
            internal;
            sent_conv_deliver webhook;
            proxy_pass $sent_conv_url;
            proxy_set_header Host $sent_conv_host;
            proxy_ssl_server_name on;
            proxy_ssl_name $sent_conv_ssl_name;
        }

        location = /deliver/wa {
            internal;
            sent_conv_deliver carrier wa;
            proxy_pass http://127.0.0.1:%%RECEIVER%%/carrier/whatsapp;
        }

        location = /deliver/sms {
            internal;
            sent_conv_deliver carrier sms-one;
            proxy_pass http://127.0.0.1:%%RECEIVER%%/carrier/sms;
        }

        location = /deliver/rcs {
            internal;
            sent_conv_deliver carrier rcs-one;
            proxy_pass http://127.0.0.1:%%RECEIVER%%/carrier/rcs;
        }

        location = /deliver/other {
            internal;
            sent_conv_deliver carrier other;
            proxy_pass http://127.0.0.1:%%RECEIVER%%/carrier/other;
        }

        location /admin/ {
            sent_conv_admin %%TESTDIR%%/admin.token;
            allow 127.0.0.1;
            deny all;
        }

        location = /healthz {
            sent_conv_health live;
        }

        location = /readyz {
            sent_conv_health ready;
        }

        location = /status {
            sent_conv_status;
            allow 127.0.0.1;
            deny all;
        }

        location = /stub_status {
            stub_status;
        }

%%SERVER%%
    }
}

EOF

    for my $name (@{$arg{off} || []}) {
        $text =~ s/^\s*\Q$name\E\s[^;]*;\n//mg
            or die "no $name in the standard configuration\n";
    }

    $text =~ s/%%\U$_\E%%/$arg{$_}/
        for qw(main http server window workers);

    return $text;
}


1;
