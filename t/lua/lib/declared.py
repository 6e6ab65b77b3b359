"""Watches a server for scripts that touch a key they did not declare: one
that does dies half-way while a Cluster moves its slot."""

import re
import threading

import resp
from scripts import SCRIPTS

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Watch:
    def __init__(self, address):
        self.names = {script.sha: name for name, script in SCRIPTS.items()}
        self.seen, self.strays = set(), set()
        self.end = resp.connect(address)
        self.monitor = resp.connect(address).all()[0]
        self.monitor('MONITOR')
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        script, keys = None, set()
        while True:
            line = self.monitor.read()
            words = WORD.findall(line)
            if words[-1] == 'watched':
                return
            if ' lua] ' in line.split('"', 1)[0]:
                key = words[1] if len(words) > 1 else None
                if key and key not in keys:
                    self.strays.add((script, words[0], key))
            elif words[0].upper() == 'EVALSHA':
                script = self.names.get(words[1], words[1])
                keys = set(words[3:3 + int(words[2])])
                self.seen.add(script)

    def stop(self):
        self.end.all()[0]('ECHO', 'watched')
        self.thread.join()
