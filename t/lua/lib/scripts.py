"""The scripts of src/lua as the build embeds them: includes expanded, and the
transitions of which another is made."""

import hashlib
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
LUA = os.environ.get('SENT_CONV_LUA') or \
    os.path.normpath(os.path.join(HERE, '../../../src/lua'))
LINE = re.compile(r'^--#(include|transitions) (.*)\n', re.M)
HEADER = re.compile(r'^#!.*\n--\[\[\n(?:.*\n)*?\]\]\n')
NAME = re.compile(r'^(\w+)-(\d+)\.lua$')


class Script:
    def __init__(self, name, keys, text):
        self.name, self.keys, self.text = name, keys, text
        self.sha = hashlib.sha1(text.encode()).hexdigest()


def read(*path):
    with open(os.path.join(LUA, *path)) as file:
        return file.read()


def transition(name, has):
    file, = [file for file in os.listdir(LUA)
             if file.rsplit('-', 1)[0] == name]
    text = HEADER.sub('', read(file))
    return 'run.%s = function()\n%send\n' % (name, expand(text, has))


def expand(text, has=()):
    """has: what stands before it already."""
    own = set()

    def line(is_):
        words = is_.group(2).split()
        if is_.group(1) == 'transitions':
            return ''.join(transition(word, own) for word in words)
        own.update(words)
        return ''.join(expand(read('inc', word + '.lua'), has)
                       for word in words if word not in has)

    return LINE.sub(line, text)


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
