"""What `make bench` measures: nginx with the module, one worker, a Redis, and
processor time as the kernel counts it."""

import atexit
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 't/lua/lib'))

import resp      # noqa: E402
import server    # noqa: E402
from scripts import SCRIPTS    # noqa: E402

OBJS = os.environ.get('SENT_CONV_OBJS') or os.path.join(ROOT, 'objs')
TICK = 1e6 / os.sysconf('SC_CLK_TCK')

CONF = '''
daemon off;
%(user)s
pid nginx.pid;
error_log error.log warn;
load_module %(objs)s/ngx_http_sent_conv_module.so;
worker_processes 1;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }

http {
    sent_conv_redis %(redis)s;
    sent_conv_webhook_allow 127.0.0.0/8;
    sent_conv_webhook_http on;
    sent_conv_webhook_dead 200000;
    sent_conv_webhook_recover 100000;
    sent_conv_carrier_backoff 1h 1h;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    client_body_buffer_size 128k;
    client_max_body_size 5m;
    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:%(port)d;

        location /v3/ { sent_conv_api; }
        location /admin/ { sent_conv_admin admin.token; }
        location = /readyz { sent_conv_health ready; }

        location = /carriers/bench {
            sent_conv_carrier bench sms generic;
            sent_conv_carrier_secret carrier.secret;
        }

        location = /deliver/bench {
            internal;
            sent_conv_deliver carrier bench;
            proxy_pass http://127.0.0.1:%(receiver)d/carrier;
        }

        location = /deliver/webhook {
            internal;
            sent_conv_deliver webhook;
            proxy_pass $sent_conv_url;
            proxy_set_header Host $sent_conv_host;
        }

        location = /plain {
            proxy_pass http://127.0.0.1:%(receiver)d/plain;
        }

        # the answer to a send, without the work
        location = /return {
            default_type application/json;
            add_header X-Request-Id req_01890a5d-ac96-774b-bcce-b302099a8057;
            add_header X-API-Version v3;
            return 200 '%(answer)s';
        }
    }
}
'''

ANSWER = json.dumps({
    'success': True, 'data': {
        'message_id': '01890a5d-ac96-774b-bcce-b302099a8057',
        'conversation_id': '01890a5d-ac96-774b-bcce-b302099a8058',
        'status': 'QUEUED', 'channel': 'sms',
        'conversation_expires_at': '2026-01-01T00:00:00.000Z'},
    'error': None, 'meta': {
        'request_id': 'req_01890a5d-ac96-774b-bcce-b302099a8057',
        'timestamp': '2026-01-01T00:00:00.000Z', 'version': 'v3'}},
    separators=(',', ':'))

OURS = '+14155550101'
TOKEN = 'bench-token-of-more-than-thirty-two-bytes'
SECRET = 'bench-secret'


def keyword_times():
    """ns a message takes the matcher, and its characters to be counted."""
    with tempfile.TemporaryDirectory(prefix='sent-conv-bench.') as folder:
        with open(os.path.join(folder, 'nginx.conf'), 'w') as file:
            file.write('load_module %s/ngx_sent_conv_unit_module.so;\n'
                       'pid %s/nginx.pid;\nerror_log %s/error.log;\n'
                       'sent_conv_unit time;\nevents {}\n'
                       % (os.path.abspath(OBJS), folder, folder))
        command, environment = nginx(folder, '-t', '-q')
        text = subprocess.run(command, env=environment, text=True, check=True,
                              stdout=subprocess.PIPE).stdout
    return [int(n) for n in re.search(
        r'keyword: (\d+) ns a message, its length: (\d+) ns', text).groups()]


def cpu(pid):
    """Microseconds of processor that a process has used: exactly where the
    kernel tells that of its first thread, else by its clock ticks."""
    try:
        with open('/proc/%d/schedstat' % pid) as file:
            return int(file.read().split()[0]) / 1000
    except OSError:
        pass
    with open('/proc/%d/stat' % pid) as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
        return [int(child) for child in file.read().split()]


class Lab:
    """receiver: the port that webhooks, messages and plain POSTs go to."""

    def __init__(self, receiver, objs=OBJS):
        path = server.single(*redis_options())
        self.address = path[len('unix:'):]
        self.redis = resp.Redis(self.address)
        self.redis_pid = int(self.info('server')['process_id'])
        self.dir = os.path.dirname(self.address)
        self.port = server.free_port()
        self.base = 'http://127.0.0.1:%d' % self.port

        self.write('nginx.conf', CONF % {
            'user': '' if os.geteuid() else 'user root;', 'objs': objs,
            'redis': path, 'port': self.port,
            'receiver': receiver, 'answer': ANSWER})
        self.write('admin.token', TOKEN)
        self.write('carrier.secret', SECRET)
        self.nginx = start_nginx(self.dir)
        server.wait(self.ready, self.dir)
        self.worker = children(self.nginx.pid)[0]

    def info(self, section):
        lines = self.redis('INFO', section).split('\r\n')
        return dict(line.split(':', 1) for line in lines if ':' in line)

    def load(self):
        for script in SCRIPTS.values():
            self.redis('SCRIPT', 'LOAD', script.text)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), 'w') as file:
            file.write(text)

    def ready(self):
        try:
            with urllib.request.urlopen(self.base + '/readyz') as answer:
                return answer.status == 200
        except OSError:
            return False

    def call(self, method, path, body=None, headers=None):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={'Content-Type': 'application/json', **(headers or {})})
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text).get('data') if text else None

    def admin(self, method, path, body=None):
        return self.call(method, '/admin' + path, body,
                         {'Authorization': 'Bearer ' + TOKEN})

    def customer(self):
        """A customer with a key, our number and a template; returns the
        key."""
        id = self.admin('POST', '/customers', {'name': 'bench'})['id']
        self.admin('PATCH', '/customers/' + id,
                   {'conversations_enabled': True})
        key = self.admin('POST', '/customers/%s/keys' % id,
                         {'name': 'bench', 'role': 'full'})['key']
        self.admin('PUT', '/numbers/sms/%2B' + OURS[1:],
                   {'customer_id': id, 'carrier': 'bench'})
        self.admin('PUT', '/customers/%s/templates/%s' % (id, id), {
            'name': 'appointment_confirm', 'parameters': ['name'],
            'channels': {'sms': {
                'text': 'Hello {{name}}, see you tomorrow at ten.'}}})
        return key

    def webhook(self, key, url, filters):
        return self.call('POST', '/v3/webhooks', {
            'display_name': 'bench', 'endpoint_url': url,
            'event_types': list(filters), 'event_filters': filters,
        }, {'x-api-key': key})['id']

    def wrk(self, path, key, bodies, seconds, connections=32):
        """Load by wrk: requests done, µs of the worker, µs of Redis."""
        self.write('bodies', '\n'.join(bodies) + '\n')
        before = cpu(self.worker), cpu(self.redis_pid)
        out = subprocess.run(
            ['wrk', '-t1', '-c%d' % connections, '-d%ds' % seconds,
             '-s', os.path.join(HERE, 'wrk.lua'), self.base + path],
            env={**os.environ, 'KEY': key,
                 'BODIES': os.path.join(self.dir, 'bodies')},
            stdout=subprocess.PIPE, text=True, check=True).stdout
        after = cpu(self.worker), cpu(self.redis_pid)
        line = [line for line in out.split('\n')
                if line.startswith('requests ')][0].split()
        if int(line[5]):
            print('  %s of %s requests to %s failed' % (line[5], line[1],
                                                        path))
        return int(line[1]), after[0] - before[0], after[1] - before[1]


def redis_options():
    """conf/redis.conf as options, but for what writes to the disk."""
    options = []
    with open(os.path.join(ROOT, 'conf/redis.conf')) as file:
        for line in file:
            words = line.split()
            if words and words[0][0] != '#' \
                    and not words[0].startswith(('append', 'save')):
                options += ['--' + words[0], *words[1:]]
    return options


def nginx(directory, *options):
    """Its command line and environment."""
    return (['nginx', '-p', directory, '-c', directory + '/nginx.conf',
             '-e', directory + '/error.log', *options],
            {**os.environ, 'PATH': os.environ['PATH'] + ':/usr/sbin'})


def start_nginx(directory):
    command, environment = nginx(directory)
    child = subprocess.Popen(command, env=environment)

    def stop():
        child.terminate()
        child.wait()

    atexit.register(stop)
    return child


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def idle(pids, seconds):
    """Percent of one core."""
    before = sum(cpu(pid) for pid in pids)
    time.sleep(seconds)
    return (sum(cpu(pid) for pid in pids) - before) / seconds / 1e4
