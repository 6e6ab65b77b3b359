"""The scripts of src/lua as the build embeds them: includes expanded."""

import hashlib
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
LUA = os.environ.get('SENT_CONV_LUA') or \
    os.path.normpath(os.path.join(HERE, '../../../src/lua'))
INCLUDE = re.compile(r'^--#include (.*)\n', re.M)
NAME = re.compile(r'^(\w+)-(\d+)\.lua$')


class Script:
    def __init__(self, name, keys, text):
        self.name, self.keys, self.text = name, keys, text
        self.sha = hashlib.sha1(text.encode()).hexdigest()


def read(*path):
    with open(os.path.join(LUA, *path)) as file:
        return file.read()


def expand(text):
    return INCLUDE.sub(
        lambda line: ''.join(expand(read('inc', name + '.lua'))
                             for name in line.group(1).split()), text)


def load_all():
    found = {}
    for name in sorted(os.listdir(LUA)):
        match = NAME.match(name)
        if match:
            found[match.group(1)] = Script(match.group(1),
                                           int(match.group(2)),
                                           expand(read(name)))
    return found


SCRIPTS = load_all()
