"""A client that posts at a steady rate and a receiver that notes when what
arrives: two processes, one clock."""

import multiprocessing
import re
import select
import socket
import time

SEQUENCE = re.compile(rb'#(\d+)#')
LENGTH = re.compile(rb'[Cc]ontent-[Ll]ength: (\d+)')
ENDED = re.compile(rb'"event":"conversation.ended".*"conversation_id":"([^"]+)"')
OK = b'HTTP/1.1 204 No Content\r\n\r\n'
AWAY = b'HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n'
ONE_OF = re.compile(rb'POST /of/(\d+) ')


def now():
    return time.clock_gettime(time.CLOCK_REALTIME)


def complete(data):
    """The whole message at the start of data, or None."""
    head = data.find(b'\r\n\r\n')
    if head < 0:
        return None
    length = LENGTH.search(data, 0, head)
    end = head + 4 + (int(length.group(1)) if length else 0)
    return data[:end] if len(data) >= end else None


class Receiver:
    """Answers 204 and keeps {what identifies the body: time}, of a path
    /of/<k> {(k, that): time}; to a carrier's path 503, to /dead nothing."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        self.pipe, pipe = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self._run,
                                               args=(pipe,), daemon=True)
        self.process.start()

    def taken(self):
        """What came since the last call."""
        self.pipe.send('take')
        return self.pipe.recv()

    def _run(self, pipe):
        poll = select.epoll()
        poll.register(self.listener, select.EPOLLIN)
        poll.register(pipe, select.EPOLLIN)
        connections, seen = {}, {}

        while True:
            for fd, _ in poll.poll():
                if fd == pipe.fileno():
                    pipe.recv()
                    pipe.send(seen)
                    seen = {}
                elif fd == self.listener.fileno():
                    connection = self.listener.accept()[0]
                    connections[connection.fileno()] = [connection, b'']
                    poll.register(connection, select.EPOLLIN)
                else:
                    self._read(poll, connections, fd, seen)

    @staticmethod
    def _read(poll, connections, fd, seen):
        entry = connections[fd]
        try:
            data = entry[0].recv(65536)
        except OSError:
            data = b''
        if not data:
            poll.unregister(fd)
            connections.pop(fd)[0].close()
            return
        entry[1] += data
        message = complete(entry[1])
        if message is None:
            return
        at = now()
        entry[1] = entry[1][len(message):]
        if message.startswith(b'POST /dead'):
            return
        entry[0].send(AWAY if message.startswith(b'POST /carrier') else OK)
        mark, one = SEQUENCE.search(message), ONE_OF.match(message)
        ended = None if mark else ENDED.search(message)
        if mark and one:
            seen.setdefault((int(one.group(1)), int(mark.group(1))), at)
        elif mark:
            seen.setdefault(int(mark.group(1)), at)
        elif ended:
            seen.setdefault(ended.group(1).decode(), at)


class Client:
    """Posts to one path over connections that stay open."""

    def __init__(self, port, path, headers, connections=32):
        self.port, self.path, self.headers = port, path, headers
        self.connections = connections

    def request(self, body, more=()):
        lines = ['POST %s HTTP/1.1' % self.path, 'Host: bench',
                 'Content-Type: application/json',
                 'Content-Length: %d' % len(body), *self.headers, *more]
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body

    def run(self, requests, rate):
        """All of them, at that rate a second; {number: (sent, answered)}."""
        poll, free, busy, times = select.epoll(), [], {}, {}
        for _ in range(self.connections):
            connection = socket.create_connection(('127.0.0.1', self.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            poll.register(connection, select.EPOLLIN)
            free.append(connection)

        start, at, failed = now(), 0, 0
        while len(times) < len(requests):
            due = min(len(requests), int((now() - start) * rate) + 1)
            while at < due and free:
                connection = free.pop()
                busy[connection.fileno()] = [connection, at, now(), b'']
                connection.sendall(requests[at])
                at += 1
            wait = max(0, start + at / rate - now()) if at < len(requests) \
                and free else 1
            for fd, _ in poll.poll(wait):
                entry = busy[fd]
                entry[3] += entry[0].recv(65536)
                if complete(entry[3]) is None:
                    continue
                failed += entry[3][9:10] != b'2'
                times[entry[1]] = (entry[2], now())
                free.append(busy.pop(fd)[0])

        if failed:
            print('  %d of %d requests to %s failed' % (failed, len(requests),
                                                        self.path))
        return times
