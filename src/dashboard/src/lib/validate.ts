// What is wrong with a definition, said at once; the module has the last word
// and says the same (t/agent holds both equal).

import { CHANNELS, type Channel } from './api';

export interface Issue {
  path: string;
  code: string;
  message: string;
  level: 'error' | 'warning';
}

/** What the customer has. */
export interface Given {
  numbers: { channel: Channel; number: string }[];
  webhooks: { id: string; active: boolean }[];
  templates: { id: string; name: string; parameters: string[]; channels: Channel[] }[];
  /** Numbers that another live agent names, and which. */
  taken: Record<string, string>;
}

type Json = Record<string, unknown>;

const MEMBERS = ['schema', 'trigger', 'starters', 'channels', 'webhooks', 'engine', 'ping', 'ending'];
const E164 = /^\+[1-9]\d{7,14}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RESERVED = ['START', 'UNSTOP', 'SUBSCRIBE', 'HELP', 'INFO'];

const text = (value: string) => [...value].length;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export function validate(definition: unknown, given: Given): Issue[] {
  return new Check(given).run(definition);
}

/** What is wrong with its form, so that the canvas could not show or mend it. */
export function unfit(definition: unknown, given: Given): Issue[] {
  return validate(definition, given).filter(({ code, path }) =>
    ['type', 'value'].includes(code)
    || (code === 'unknown_key' && !path.includes('.parameters.'))
    || (code === 'missing' && !path.endsWith('.template'))
    || (code === 'duplicate' && /^(starters|webhooks|channels)/.test(path)));
}

class Check {
  #issues: Issue[] = [];
  #channels: Channel[] = [];

  constructor(private given: Given) {}

  run(definition: unknown): Issue[] {
    if (new TextEncoder().encode(JSON.stringify(definition) ?? '').length > 65536) {
      this.#say('', 'too_large', 'The definition is larger than 64 KiB.');
      return this.#issues;
    }
    if (!this.#object(definition, '', MEMBERS, MEMBERS)) return this.#issues;
    if (definition.schema !== undefined && definition.schema !== 1) this.#say('schema', 'value', 'The schema must be 1.');
    this.#channelList(definition.channels);
    if (definition.trigger !== undefined) this.#trigger(definition.trigger);
    if (definition.starters !== undefined) this.#starters(definition.starters);
    if (definition.webhooks !== undefined) this.#webhooks(definition.webhooks);
    if (definition.engine !== undefined) this.#engine(definition.engine);
    if (definition.ping !== undefined && definition.ping !== null) this.#ping(definition.ping);
    if (definition.ending !== undefined) this.#ending(definition.ending);
    this.#whole(definition);
    return this.#issues;
  }

  #say(path: string, code: string, message: string, level: Issue['level'] = 'error') {
    this.#issues.push({ path, code, message, level });
  }

  #object(value: unknown, path: string, members: string[], required: string[]): value is Json {
    if (!isObject(value)) {
      this.#say(path, 'type', 'This must be an object.');
      return false;
    }
    const at = (name: string) => (path ? `${path}.${name}` : name);
    for (const name of Object.keys(value)) if (!members.includes(name)) this.#say(at(name), 'unknown_key', `“${name}” means nothing here.`);
    for (const name of required) if (value[name] === undefined) this.#say(at(name), 'missing', `“${name}” is missing.`);
    return true;
  }

  #list(value: unknown, path: string, most: number): unknown[] | null {
    if (!Array.isArray(value)) {
      this.#say(path, 'type', 'This must be a list.');
      return null;
    }
    if (value.length > most) {
      this.#say(path, 'too_many', `At most ${most} are possible.`);
      return null;
    }
    return value;
  }

  #once(seen: Set<unknown>, value: unknown, path: string): boolean {
    if (seen.has(value)) {
      this.#say(path, 'duplicate', 'This is there twice.');
      return false;
    }
    seen.add(value);
    return true;
  }

  #string(value: unknown, path: string, most: number): value is string {
    if (typeof value !== 'string') {
      this.#say(path, 'type', 'This must be a text.');
      return false;
    }
    if (!text(value) || text(value) > most) {
      this.#say(path, 'range', `This must have 1 to ${most} characters.`);
      return false;
    }
    return true;
  }

  #integer(value: unknown, path: string, least: number, most: number): value is number {
    if (!Number.isInteger(value)) {
      this.#say(path, 'type', 'This must be a whole number.');
      return false;
    }
    if ((value as number) < least || (value as number) > most) {
      this.#say(path, 'range', `This must be ${least} to ${most}.`);
      return false;
    }
    return true;
  }

  #channelList(value: unknown) {
    if (value === undefined) return;
    const list = this.#list(value, 'channels', 3);
    if (!list) return;
    if (!list.length) this.#say('channels', 'range', 'At least one channel must be on.');
    const seen = new Set<unknown>();
    list.forEach((channel, i) => {
      const path = `channels[${i}]`;
      if (typeof channel !== 'string') this.#say(path, 'type', 'This must be a text.');
      else if (!(channel in CHANNELS)) this.#say(path, 'value', 'A channel is whatsapp, sms or rcs.');
      else if (this.#once(seen, channel, path)) this.#channels.push(channel as Channel);
    });
  }

  #trigger(value: unknown) {
    if (!this.#object(value, 'trigger', ['on', 'numbers'], ['on', 'numbers'])) return;
    if (value.on !== undefined) {
      if (typeof value.on !== 'string') this.#say('trigger.on', 'type', 'This must be a text.');
      else if (!['inbound', 'template_reply', 'either'].includes(value.on)) this.#say('trigger.on', 'value', 'This is inbound, template_reply or either.');
    }
    if (value.numbers === undefined) return;
    const seen = new Set<unknown>();
    this.#list(value.numbers, 'trigger.numbers', 100)?.forEach((number, i) => this.#number(number, `trigger.numbers[${i}]`, seen));
  }

  #number(number: unknown, path: string, seen: Set<unknown>) {
    if (typeof number !== 'string') return this.#say(path, 'type', 'This must be a text.');
    if (!E164.test(number)) return this.#say(path, 'value', 'This is no number in E.164, as +14155550100.');
    if (!this.#once(seen, number, path)) return;
    const ours = this.given.numbers.filter((one) => one.number === number);
    if (!ours.length) return this.#say(path, 'not_yours', 'This is none of your numbers.');
    if (this.given.taken[number]) return this.#say(path, 'number_taken', 'Another agent has this number.');
    if (this.#channels.length && !ours.some((one) => this.#channels.includes(one.channel))) this.#say(path, 'number_off', 'This number is on none of the channels that are on.', 'warning');
  }

  #starters(value: unknown) {
    const seen = new Set<unknown>();
    this.#list(value, 'starters', 3)?.forEach((starter, i) => this.#starter(starter, `starters[${i}]`, seen));
  }

  #starter(value: unknown, path: string, seen: Set<unknown>) {
    if (!this.#object(value, path, ['channel', 'template', 'parameters'], ['channel', 'template'])) return;
    let channel: Channel | null = null;
    if (value.channel !== undefined) {
      if (typeof value.channel !== 'string') this.#say(`${path}.channel`, 'type', 'This must be a text.');
      else if (!(value.channel in CHANNELS)) this.#say(`${path}.channel`, 'value', 'A channel is whatsapp, sms or rcs.');
      else if (this.#once(seen, value.channel, `${path}.channel`)) channel = value.channel as Channel;
    }
    if (channel && this.#channels.length && !this.#channels.includes(channel)) this.#say(`${path}.channel`, 'channel_off', `${CHANNELS[channel]} is not among the channels that are on.`);
    if (value.template === undefined) return;
    const template = this.#template(value.template, `${path}.template`);
    if (template && channel && !template.channels.includes(channel)) this.#say(`${path}.template`, 'not_served', `This template is not for ${CHANNELS[channel]}.`);
    this.#parameters(value.parameters, `${path}.parameters`, template);
  }

  #template(value: unknown, path: string) {
    if (!this.#object(value, path, ['id', 'name'], [])) return null;
    if (value.id === undefined && value.name === undefined) {
      this.#say(path, 'missing', 'Choose a template.');
      return null;
    }
    const by = value.id !== undefined ? 'id' : 'name';
    const is = value[by];
    if (!this.#string(is, `${path}.${by}`, 512)) return null;
    const found = this.given.templates.find((one) => (by === 'id' ? one.id === is.toLowerCase() : one.name === is));
    if (!found) this.#say(`${path}.${by}`, 'not_yours', 'This is none of your templates.');
    return found ?? null;
  }

  #parameters(value: unknown, path: string, template: Given['templates'][number] | null) {
    if (value !== undefined && !this.#object(value, path, template?.parameters ?? (isObject(value) ? Object.keys(value) : []), [])) return;
    for (const [name, is] of Object.entries((value as Json) ?? {})) if (!template || template.parameters.includes(name)) this.#string(is, `${path}.${name}`, 1024);
  }

  #webhooks(value: unknown) {
    const seen = new Set<unknown>();
    this.#list(value, 'webhooks', 20)?.forEach((id, i) => {
      const path = `webhooks[${i}]`;
      if (typeof id !== 'string') this.#say(path, 'type', 'This must be a text.');
      else if (!UUID.test(id.toLowerCase())) this.#say(path, 'value', 'This is no id.');
      else if (!this.#once(seen, id.toLowerCase(), path)) return;
      else if (!this.given.webhooks.some((one) => one.id === id.toLowerCase())) this.#say(path, 'not_yours', 'This is none of your webhooks.');
    });
  }

  #engine(value: unknown) {
    if (!this.#object(value, 'engine', ['greeting', 'coalesce_seconds', 'expiring_minutes'], [])) return;
    if ((value.greeting ?? null) !== null) this.#string(value.greeting, 'engine.greeting', 1600);
    if (value.coalesce_seconds !== undefined) this.#integer(value.coalesce_seconds, 'engine.coalesce_seconds', 0, 30);
    if ((value.expiring_minutes ?? null) !== null) this.#integer(value.expiring_minutes, 'engine.expiring_minutes', 1, 1439);
  }

  #ping(value: unknown) {
    const members = ['after_minutes', 'text', 'max'];
    if (!this.#object(value, 'ping', members, members)) return;
    if (value.after_minutes !== undefined) this.#integer(value.after_minutes, 'ping.after_minutes', 1, 1439);
    if (value.text !== undefined) this.#string(value.text, 'ping.text', 1600);
    if (value.max !== undefined) this.#integer(value.max, 'ping.max', 1, 10);
  }

  #ending(value: unknown) {
    if (!this.#object(value, 'ending', ['confirmation', 'keywords'], [])) return;
    if ((value.confirmation ?? null) !== null) this.#string(value.confirmation, 'ending.confirmation', 1600);
    if (value.keywords === undefined) return;
    const seen = new Set<unknown>();
    this.#list(value.keywords, 'ending.keywords', 50)?.forEach((word, i) => {
      const path = `ending.keywords[${i}]`;
      if (!this.#string(word, path, 64)) return;
      const folded = word.normalize('NFKC').trim().toUpperCase();
      if (RESERVED.includes(folded)) this.#say(path, 'reserved', `“${word}” has a meaning of its own.`);
      else this.#once(seen, folded, path);
    });
  }

  #whole(definition: Json) {
    const { trigger, starters, webhooks } = definition;
    if (Array.isArray(webhooks) && !webhooks.length && !this.given.webhooks.some((one) => one.active)) this.#say('webhooks', 'no_webhook', 'There is no webhook: nobody hears of a conversation.', 'warning');
    if (isObject(trigger) && trigger.on === 'template_reply' && Array.isArray(starters) && !starters.length) this.#say('starters', 'no_starter', 'It waits for answers to templates, and has none to send.', 'warning');
  }
}
