"""A Redis client over a socket: one server, or the masters of a Cluster."""

import binascii
import re
import socket

TAG = re.compile(r'\{([^}]+)\}')


class Error(Exception):
    """What Redis answered with a minus sign."""


class Redis:
    def __init__(self, addr):
        self.addr = addr
        if isinstance(addr, str):
            self.sock = socket.socket(socket.AF_UNIX)
        else:
            self.sock = socket.socket()
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect(addr)
        self.file = self.sock.makefile('rb', 65536)

    def close(self):
        self.file.close()
        self.sock.close()

    @staticmethod
    def pack(args):
        out = [b'*%d\r\n' % len(args)]
        for arg in args:
            if not isinstance(arg, bytes):
                arg = str(arg).encode()
            out.append(b'$%d\r\n%s\r\n' % (len(arg), arg))
        return b''.join(out)

    def write(self, *args):
        self.sock.sendall(self.pack(args))

    def read(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError('closed by Redis')
        kind, value = line[:1], line[1:-2]
        if kind == b'+':
            return value.decode()
        if kind == b'-':
            return Error(value.decode())
        if kind == b':':
            return int(value)
        size = int(value)
        if size < 0:
            return None
        if kind == b'$':
            return self.file.read(size + 2)[:-2].decode('utf8',
                                                        'surrogateescape')
        return [self.read() for _ in range(size)]

    def pipe(self, commands):
        self.sock.sendall(b''.join(self.pack(c) for c in commands))
        return [self.read() for _ in commands]

    def __call__(self, *args):
        self.write(*args)
        answer = self.read()
        if isinstance(answer, Error):
            raise answer
        return answer

    def hash(self, key):
        flat = self('HGETALL', key)
        return dict(zip(flat[::2], flat[1::2]))

    def scan(self):
        cursor = '0'
        while True:
            cursor, keys = self('SCAN', cursor, 'COUNT', 1000)
            yield from keys
            if cursor == '0':
                return

    def info(self, section, field):
        for line in self('INFO', section).split('\r\n'):
            if line.startswith(field + ':'):
                return line[len(field) + 1:]


def slot(key):
    tag = TAG.search(key)
    return binascii.crc_hqx((tag.group(1) if tag else key).encode(),
                            0) % 16384


class Single:
    def __init__(self, addr):
        self.node = Redis(addr)

    def of(self, key):
        return self.node

    def all(self):
        return [self.node]

    def close(self):
        self.node.close()


class Cluster:
    """Just enough of a Cluster's client: keys go to who served their slot
    when it connected."""

    def __init__(self, addr):
        self.nodes, self.slots = {}, [None] * 16384
        first = Redis(addr)
        for low, high, (host, port, *_), *_ in first('CLUSTER', 'SLOTS'):
            if port not in self.nodes:
                self.nodes[port] = Redis((host or addr[0], port))
            self.slots[low:high + 1] = [self.nodes[port]] * (high - low + 1)
        first.close()

    def of(self, key):
        return self.slots[slot(key)]

    def all(self):
        return list(self.nodes.values())

    def close(self):
        for node in self.nodes.values():
            node.close()


def connect(addr):
    """unix:/path, host:port, or cluster:host:port"""
    if addr.startswith('unix:'):
        return Single(addr[5:])
    cluster = addr.startswith('cluster:')
    host, port = addr[8 if cluster else 0:].split(':')
    return (Cluster if cluster else Single)((host, int(port)))
