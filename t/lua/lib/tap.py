"""TAP from unittest: a test's name, read as a sentence, is its line."""

import sys
import unittest


class Result(unittest.TestResult):
    def __init__(self, suffix):
        super().__init__()
        self.suffix, self.failed = suffix, 0

    def line(self, test, good, trouble=None):
        name = test._testMethodName[5:].replace('_', ' ')
        number = Tap.number = Tap.number + 1
        print('%sok %d - %s: %s%s' % ('' if good else 'not ', number,
                                      type(test).__name__.lower(), name,
                                      self.suffix), flush=True)
        if trouble:
            Tap.failed += 1
            text = self._exc_info_to_string(trouble, test)
            print('\n'.join('# ' + line for line in text.split('\n')),
                  flush=True)

    def addSuccess(self, test):
        self.line(test, True)

    def addFailure(self, test, trouble):
        self.line(test, False, trouble)

    addError = addFailure


class Tap:
    number = failed = 0


def cases(modules, only=''):
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromModule(module)
                               for module in modules)
    flat = unittest.TestSuite()

    def walk(part):
        for test in part:
            if isinstance(test, unittest.TestSuite):
                walk(test)
            elif only in test._testMethodName:
                flat.addTest(test)

    walk(suite)
    return flat


def run(suite, suffix=''):
    suite.run(Result(suffix))


def ok(good, name, *notes):
    Tap.number += 1
    Tap.failed += not good
    print('%sok %d - %s' % ('' if good else 'not ', Tap.number, name),
          flush=True)
    for note in notes:
        for line in str(note).rstrip().split('\n'):
            print('# ' + line, flush=True)


def done():
    print('1..%d' % Tap.number, flush=True)
    sys.exit(1 if Tap.failed else 0)
