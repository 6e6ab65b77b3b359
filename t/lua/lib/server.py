"""Redis servers of our own: in a temporary directory, gone at exit."""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import resp

signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def spawn(directory, *options):
    with open(os.path.join(directory, 'log'), 'ab') as log:
        child = subprocess.Popen(
            ['redis-server', '--save', '', '--appendonly', 'no',
             '--dir', directory, *map(str, options)],
            stdout=log, stderr=log)
    atexit.register(stop, child, directory, os.getpid())
    return child


def stop(child, directory, parent):
    if os.getpid() == parent:
        child.kill()
        child.wait()
        shutil.rmtree(directory, ignore_errors=True)


def wait(what, directory, seconds=20):
    end = time.time() + seconds
    while True:
        try:
            if what():
                return
        except (OSError, resp.Error):
            pass
        if time.time() > end:
            with open(os.path.join(directory, 'log')) as log:
                sys.exit('redis-server does not come up:\n' + log.read())
        time.sleep(0.02)


def single(*options):
    """One server on a unix socket; returns its address."""
    directory = tempfile.mkdtemp(prefix='sent-conv-lua.')
    path = os.path.join(directory, 'sock')
    spawn(directory, '--port', 0, '--unixsocket', path, *options)
    wait(lambda: resp.Redis(path)('PING'), directory)
    return 'unix:' + path


def free_port():
    """A loopback port that is free, its cluster bus too."""
    while True:
        port = random.randrange(20000, 50000)
        try:
            for number in (port, port + 10000):
                with socket.socket() as probe:
                    probe.bind(('127.0.0.1', number))
            return port
        except OSError:
            pass


def cluster(masters):
    """A Cluster of so many masters on loopback; returns its address."""
    nodes, where = [], []
    for _ in range(masters):
        directory = tempfile.mkdtemp(prefix='sent-conv-lua.')
        port = free_port()
        spawn(directory, '--port', port, '--bind', '127.0.0.1',
              '--cluster-enabled', 'yes')
        nodes.append(port)
        where.append(directory)
    for port, directory in zip(nodes, where):
        wait(lambda: resp.Redis(('127.0.0.1', port))('PING'), directory)

    first = resp.Redis(('127.0.0.1', nodes[0]))
    if masters == 1:
        first('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
    else:
        subprocess.run(['redis-cli', '--cluster', 'create',
                        *('127.0.0.1:%d' % port for port in nodes),
                        '--cluster-yes'],
                       check=True, stdout=subprocess.DEVNULL)
    for port, directory in zip(nodes, where):
        wait(lambda: 'cluster_state:ok' in
             resp.Redis(('127.0.0.1', port))('CLUSTER', 'INFO'), directory)
    return 'cluster:127.0.0.1:%d' % nodes[0]
