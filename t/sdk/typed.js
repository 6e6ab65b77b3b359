'use strict';

// Whether an answer is what a package's declarations (.d.ts) say: each field
// that an interface declares is there, and of its type.

const fs = require('fs');


// interfaces by their path in namespaces: { 'A.B': { field: 'type' } }

function interfaces(file) {
    const text = fs.readFileSync(file, 'utf8')
        .replace(/\/\*[^]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    const found = {};

    scan(text, []);

    return found;

    function scan(part, path) {
        const start = /\b(interface|namespace)\s+(\w+)[^{]*\{/g;
        let match;

        while ((match = start.exec(part)) !== null) {
            const end = closing(part, start.lastIndex);
            const body = part.slice(start.lastIndex, end);
            const name = [...path, match[2]];

            if (match[1] === 'namespace') {
                scan(body, name);
            } else {
                found[name.join('.')] = fields(body);
            }

            start.lastIndex = end;
        }
    }
}


function closing(text, from) {
    for (let depth = 1, i = from; i < text.length; i++) {
        depth += text[i] === '{' ? 1 : text[i] === '}' ? -1 : 0;

        if (depth === 0) {
            return i;
        }
    }

    throw new Error('no end of a declaration');
}


function fields(body) {
    const found = {};

    // a type may have semicolons in braces of its own

    for (const [, name, type] of body.matchAll(
        /^\s*'?([\w-]+)'?\??:\s*((?:\{[^}]*\}|[^;{])+);/gm))
    {
        found[name] = type.trim();
    }

    return found;
}


class Typed {

    constructor(file) {
        this.known = interfaces(file);
    }

    // what is wrong with a value; nothing, if all is well

    errors(type, value, at = type, path = '') {
        const types = type.split(/\s*\|\s*/);

        if (value === null) {
            return types.includes('null') || type === 'unknown' ? []
                : [`${at} is null`];
        }

        const is = types.find((one) => one !== 'null');
        const array = /^Array<(.*)>$/.exec(is);
        const map = /^\{\s*\[key: string\]: (.*?);?\s*\}$/.exec(is);

        if (array !== null) {
            return !Array.isArray(value) ? [`${at} is no array`]
                : value.flatMap((item, i) =>
                    this.errors(array[1], item, `${at}[${i}]`, path));
        }

        if (map !== null) {
            return typeof value !== 'object' ? [`${at} is no object`]
                : Object.entries(value).flatMap(([key, item]) =>
                    this.errors(map[1], item, `${at}.${key}`, path));
        }

        if (['string', 'number', 'boolean'].includes(is)) {
            return typeof value === is ? [] : [`${at} is no ${is}`];
        }

        return is === 'unknown' ? [] : this.object(is, value, at, path);
    }

    object(type, value, at, path) {
        const [name, declared] = this.find(type.replace(/^\w+API\./, ''),
            path);

        if (typeof value !== 'object' || Array.isArray(value)) {
            return [`${at} is no ${name}`];
        }

        return Object.entries(declared).flatMap(([field, is]) =>
            value[field] === undefined ? [`${at} has no ${field}`]
                : this.errors(is, value[field], `${at}.${field}`, name));
    }

    // as seen from within an interface: its own namespaces first

    find(type, path) {
        const parts = path === '' ? [] : path.split('.');

        for (let n = parts.length; n >= 0; n--) {
            const name = [...parts.slice(0, n), type].join('.');

            if (this.known[name] !== undefined) {
                return [name, this.known[name]];
            }
        }

        throw new Error(`no interface ${type}`);
    }
}


module.exports = { Typed };
