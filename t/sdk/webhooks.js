'use strict';

// The packages as a customer has them: @sentdm/sentdm manages webhooks, and
// standardwebhooks and svix verify what arrives.  What it needs comes as JSON
// on stdin; what it found goes out as lines of JSON, { ok, name, why }.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const Sent = require('@sentdm/sentdm');
const standard = require('standardwebhooks');
const svix = require('svix');

const { Typed } = require('./typed.js');

const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const arrived = [];
const typed = new Typed(path.join(__dirname,
    'node_modules/@sentdm/sentdm/resources/webhooks.d.ts'));
const client = new Sent({ apiKey: given.key, baseURL: given.url,
    maxRetries: 0 });
const reader = new Sent({ apiKey: given.read_key, baseURL: given.url,
    maxRetries: 0 });
const { webhooks } = client;

let endpoint;
let contact = 0;


async function check(name, code) {
    let why;

    try {
        await code();
    } catch (e) {
        why = e.stack ?? String(e);
    }

    process.stdout.write(JSON.stringify({ ok: why === undefined, name, why })
        + '\n');
}


// an answer, each of whose declared fields is there; but for what is known
// to be otherwise

function declared(type, answer, but = /^$/) {
    assert.deepEqual(typed.errors(type, answer)
        .filter((error) => !but.test(error)), []);
    assert.equal(answer.success, true);
    assert.equal(answer.error, null);

    return answer.data;
}


// the request that fits, waited for

async function arrival(fits) {
    const end = Date.now() + 15000;

    for (;;) {
        const request = arrived.find(fits);

        if (request !== undefined) {
            return request;
        }

        assert.ok(Date.now() < end, 'nothing arrived');
        await new Promise((done) => setTimeout(done, 20));
    }
}


// a contact writes; the conversation.started that comes of it

async function event() {
    const from = `+1650555${String(7000 + contact++)}`;
    const body = JSON.stringify({ id: `sdk-${contact}`, from,
        to: given.number, text: 'a question' });
    const signature = crypto.createHmac('sha256', given.carrier_secret)
        .update(body).digest('hex');
    const answer = await fetch(`${given.url}/carriers/whatsapp`, {
        method: 'POST', body, headers: { 'content-type': 'application/json',
            'x-carrier-signature': `sha256=${signature}` },
    });

    assert.equal(answer.status, 200);

    return arrival((request) => request.event.event === 'conversation.started'
        && request.event.payload.contact === from);
}


// by the packages, from what a server sees: raw body, headers, a secret

function verify(request, secret) {
    for (const { Webhook } of [standard, svix]) {
        const is = new Webhook(secret).verify(request.body, request.headers);

        assert.deepEqual(is, request.event);
    }
}


function refused(request, secret) {
    for (const { Webhook } of [standard, svix]) {
        assert.throws(() => new Webhook(secret).verify(request.body,
            request.headers), { name: 'WebhookVerificationError' });
    }
}


// the way the published API documents: one value, compared as a whole

function published(request, secret) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const text = `${request.headers['x-webhook-id']}.`
        + `${request.headers['x-webhook-timestamp']}.${request.body}`;

    return request.headers['x-webhook-signature'] === 'v1,'
        + crypto.createHmac('sha256', key).update(text).digest('base64');
}


async function failure(kind, status, code, promise) {
    await assert.rejects(promise, (e) => {
        assert.ok(e instanceof kind, `${e.constructor.name}: ${e.message}`);
        assert.equal(e.status, status);
        assert.equal(e.error.error.code, code);
        assert.deepEqual(typed.errors('ErrorDetail', e.error.error), []);
        return true;
    });
}


async function management() {
    let hook;

    await check('create', async () => {
        hook = declared('APIResponseWebhook', await webhooks.create({
            display_name: 'Orders', endpoint_url: endpoint,
            event_types: ['conversation', 'message'],
            event_filters: { conversation: ['started'], message: ['sent'] },
            retry_count: 2, timeout_seconds: 20,
            'Idempotency-Key': 'sdk-create',
        }));
        assert.match(hook.signing_secret, /^whsec_/);
        assert.equal(hook.retry_count, 2);
        assert.deepEqual(hook.event_filters.message, ['sent']);
    });

    await check('create again, by its Idempotency-Key', async () => {
        const again = declared('APIResponseWebhook', await webhooks.create({
            display_name: 'Orders', endpoint_url: endpoint,
            event_types: ['message'], 'Idempotency-Key': 'sdk-create',
        }));
        assert.deepEqual(again, { ...hook, signing_secret: null });
    });

    await check('create in sandbox mode', async () => {
        const { data, response } = await webhooks.create({ sandbox: true,
            display_name: 'Not there', endpoint_url: endpoint,
            event_types: ['message'] }).withResponse();
        declared('APIResponseWebhook', data);
        assert.equal(response.headers.get('x-sandbox'), 'true');
        await failure(Sent.NotFoundError, 404, 'RESOURCE_008',
            webhooks.retrieve(data.data.id));
    });

    await check('retrieve', async () => {
        assert.deepEqual(declared('APIResponseWebhook',
            await webhooks.retrieve(hook.id)), { ...hook,
            signing_secret: null });
    });

    await check('list', async () => {
        const data = declared('WebhookListResponse', await webhooks.list({
            page: 1, page_size: 10, search: 'ORDER', is_active: true }));
        assert.deepEqual(data.webhooks.map((one) => one.id), [hook.id]);
        assert.deepEqual(data.pagination, { page: 1, page_size: 10,
            total_count: 1, total_pages: 1, has_more: false,
            cursors: data.pagination.cursors });
    });

    await check('list nothing', async () => {
        for (const query of [{ search: 'nothing' }, { is_active: false }]) {
            const data = declared('WebhookListResponse',
                await webhooks.list({ page: 1, page_size: 10, ...query }));
            assert.deepEqual(data.webhooks, []);
        }
    });

    await check('listEventTypes', async () => {
        const data = declared('WebhookListEventTypesResponse',
            await webhooks.listEventTypes());
        const names = data.event_types.flatMap((type) =>
            type.sub_types.map((one) => one.name));
        assert.ok(names.includes('message.delivered'));
        assert.ok(names.includes('conversation.started'));
    });

    await check('update', async () => {
        const updated = declared('APIResponseWebhook', await webhooks.update(
            hook.id, { display_name: 'Orders, new', event_filters: null,
                retry_count: 5, 'Idempotency-Key': 'sdk-update' }));
        assert.deepEqual(updated, { ...hook, signing_secret: null,
            display_name: 'Orders, new', event_filters: null, retry_count: 5,
            updated_at: updated.updated_at });
    });

    await check('toggleStatus', async () => {
        for (const is_active of [false, true]) {
            const data = declared('APIResponseWebhook',
                await webhooks.toggleStatus(hook.id, { is_active }));
            assert.equal(data.is_active, is_active);
        }
    });

    return hook;
}


async function deliveries(hook) {
    const old = hook.signing_secret;
    let fresh;

    await check('test', async () => {
        const data = declared('WebhookTestResponse', await webhooks.test(
            hook.id, { event_type: 'message.sent' }));
        assert.equal(data.success, true);
        const request = await arrival((one) => one.event.test === true);
        assert.equal(request.event.event, 'message.sent');
        verify(request, old);
        assert.ok(published(request, old));
    });

    await check('a real event', async () => {
        const request = await event();
        verify(request, old);
        assert.ok(published(request, old));
        refused({ ...request, body: `${request.body} ` }, old);
        refused({ ...request, headers: { ...request.headers,
            'webhook-timestamp': '1700000000' } }, old);
    });

    await check('listEvents', async () => {
        const { event: is } = await event();
        let rows;

        // it is noted behind the answer; what is searched is not counted

        for (const end = Date.now() + 15000; ; ) {
            const data = declared('WebhookListEventsResponse',
                await webhooks.listEvents(hook.id, { page: 1, page_size: 10,
                    search: is.id }), /pagination\.total_\w+ is null$/);

            rows = data.events;

            if (rows[0]?.delivery_status === 'DELIVERED') {
                break;
            }

            assert.ok(Date.now() < end, JSON.stringify(rows));
        }

        const [row] = rows;

        assert.equal(rows.length, 1);
        assert.deepEqual([row.id, row.event_type, row.event_data,
            row.http_status_code, row.response_body, row.delivery_attempts,
            row.error_message],
        [is.id, 'conversation.started', is, 200, 'taken', 1, null]);
        assert.ok(row.processing_started_at <= row.processing_completed_at);

        const all = declared('WebhookListEventsResponse',
            await webhooks.listEvents(hook.id, { page: 1, page_size: 100 }));

        assert.ok(all.events.length > 1);
        assert.ok(!all.events.some((one) => one.event_data.test));
    });

    await check('rotateSecret', async () => {
        fresh = declared('WebhookRotateSecretResponse',
            await webhooks.rotateSecret(hook.id, {})).signing_secret;
        assert.notEqual(fresh, old);
    });

    await check('both secrets, after the rotation', async () => {
        const request = await event();
        verify(request, fresh);
        verify(request, old);
        refused(request, `whsec_${Buffer.alloc(32).toString('base64')}`);
        assert.ok(published(request, fresh));
    });
}


async function errors(hook) {
    await check('validation, with its fields', async () => {
        await assert.rejects(webhooks.create({ display_name: 'x',
            endpoint_url: 'ftp://example.com', event_types: ['fax'],
            retry_count: 9 }), (e) => {
            assert.ok(e instanceof Sent.BadRequestError);
            assert.deepEqual(typed.errors('ErrorDetail', e.error.error), []);
            assert.deepEqual(Object.keys(e.error.error.details).sort(),
                ['endpoint_url', 'event_types', 'retry_count']);
            return true;
        });
    });

    await check('what may not be, or is not there', async () => {
        await failure(Sent.PermissionDeniedError, 403, 'AUTH_004',
            reader.webhooks.rotateSecret(hook.id, {}));
        await failure(Sent.AuthenticationError, 401, 'AUTH_002',
            new Sent({ apiKey: 'wrong', baseURL: given.url, maxRetries: 0 })
                .webhooks.list({ page: 1, page_size: 1 }));
        await failure(Sent.NotFoundError, 404, 'RESOURCE_008',
            webhooks.toggleStatus(crypto.randomUUID(), { is_active: true }));
    });

    await check('delete', async () => {
        await webhooks.delete(hook.id);
        await failure(Sent.NotFoundError, 404, 'RESOURCE_008',
            webhooks.retrieve(hook.id));
        await failure(Sent.NotFoundError, 404, 'RESOURCE_008',
            webhooks.delete(hook.id));
    });
}


const server = http.createServer((request, response) => {
    const parts = [];

    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8');

        arrived.push({ headers: request.headers, body,
            event: JSON.parse(body) });
        response.end('taken');
    });
});


server.listen(0, '127.0.0.1', async () => {
    endpoint = `http://127.0.0.1:${server.address().port}/hooks?a=b`;

    const hook = await management();

    await deliveries(hook);
    await errors(hook);

    server.closeAllConnections();
    server.close();
});
