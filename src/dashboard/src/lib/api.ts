// The module's HTTP API as the page uses it: one call, its errors, its types
// (the names are those of the JSON).

export type Channel = 'whatsapp' | 'sms' | 'rcs';
export type CloseReason = 'EXPIRED' | 'EXPLICIT' | 'COMPLIANCE_STOP';

export const CHANNELS: Record<Channel, string> = {
  whatsapp: 'WhatsApp',
  sms: 'SMS',
  rcs: 'RCS',
};

export interface Page {
  page?: number | null;
  page_size: number;
  total_count: number | null;
  total_pages?: number | null;
  has_more: boolean;
  cursors: { before: string | null; after: string | null };
}

export interface Session {
  customer: { id: string; name: string };
  role: 'full' | 'read';
  features: { conversations: boolean; phone: boolean };
  server_time: string;
}

export interface Conversation {
  id: string;
  thread_id: string;
  contact_id: string;
  contact: string;
  contact_name: string | null;
  number: string;
  channel: Channel;
  channels: Channel[];
  status: 'OPEN' | 'CLOSED';
  trigger: 'INBOUND' | 'TEMPLATE_REPLY';
  opened_at: string;
  expires_at: string;
  closed_at: string | null;
  close_reason: CloseReason | null;
  inbound_count: number;
  outbound_count: number;
  last_inbound_at: string | null;
  last_outbound_at: string | null;
  agent_id: string | null;
  agent_version: number | null;
}

export interface Message {
  id: string;
  conversation_id: string | null;
  phone: string;
  channel: Channel;
  direction: 'INBOUND' | 'OUTBOUND';
  kind: string;
  status: string;
  message_body: { content: string | null };
  template_name: string | null;
  created_at: string;
  events: { status: string; timestamp: string; description: string }[];
}

export interface Agent {
  id: string;
  name: string;
  is_active: boolean;
  live_version: number;
  layout: Record<string, [number, number]> | null;
  created_at: string;
  updated_at: string;
  open: number;
  active: number;
  inbound_24h: number;
  outbound_24h: number;
}

export interface Stats {
  open: number;
  active: number;
  ended: Record<CloseReason, number>;
  inbound: number;
  outbound: number;
  started: number;
  starters_sent: number;
  buckets: { t: string; inbound: number; outbound: number; opened: number; closed: number }[];
}

export interface Version<D = unknown> {
  version: number;
  definition: D;
  note: string | null;
  restored_from: number | null;
  created_at: string;
  created_by: string;
  sha256: string;
  live: boolean;
}

export interface Webhook {
  id: string;
  display_name: string | null;
  endpoint_url: string;
  event_types: string[];
  event_filters: Record<string, string[]> | null;
  retry_count: number;
  timeout_seconds: number;
  rate_limit: number | null;
  is_active: boolean;
  disabled_reason: string | null;
  signing_secret: string | null;
  consecutive_failures: number;
  last_delivery_attempt_at: string | null;
  last_successful_delivery_at: string | null;
  created_at: string;
}

export interface WebhookEvent {
  id: string;
  event_type: string;
  event_data: unknown;
  delivery_status: 'PENDING' | 'RETRYING' | 'DELIVERED' | 'FAILED';
  http_status_code: number | null;
  response_body: string | null;
  delivery_attempts: number;
  error_message: string | null;
  created_at: string;
  processing_started_at: string | null;
  processing_completed_at: string | null;
}

export interface Attempt {
  number: number;
  at: string;
  duration_ms: number;
  http_status_code: number | null;
  error: string | null;
  response_body: string | null;
}

export interface Template {
  id: string;
  name: string;
  parameters: string[];
  channels: Partial<Record<Channel, unknown>>;
}

export interface Settings {
  keywords: string[];
  confirmation: string | null;
  help: string | null;
  numbers: { channel: Channel; number: string; sandbox: boolean }[];
}

/** What the server refused: its status, code and details. */
export class ApiError extends Error {
  constructor(
    public status: number,
    public code: string,
    message: string,
    public details: Record<string, unknown> | null,
  ) {
    super(message);
  }
}

let over: () => void = () => {}, waiting: (() => void)[] = [];

/** Called each time that the server says the session is over. */
export function onSignedOut(watcher: () => void) {
  over = watcher;
}

/** There is a session again: what was to be read meanwhile is read now. */
export function signedIn() {
  waiting.forEach((go) => go());
  waiting = [];
}

let skew = 0;

/** The server's clock, in ms. */
export const now = () => Date.now() + skew;

export interface Call {
  method?: string;
  json?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** One call under /ui-api; throws ApiError, or TypeError without a network. */
export async function api<T>(path: string, call: Call = {}): Promise<T> {
  const { status, data } = await request<T>(path, call);
  if (status === 304) throw new ApiError(304, '', 'Nothing changed.', null);
  return data as T;
}

/** The same with the status, for who expects 304. */
export async function request<T>(path: string, call: Call = {}): Promise<{ status: number; data: T | null }> {
  const method = call.method ?? (call.json === undefined ? 'GET' : 'POST');
  const answer = await fetch('/ui-api' + path, {
    method,
    credentials: 'same-origin',
    signal: call.signal,
    headers: {
      accept: 'application/json',
      ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    body: call.json === undefined ? undefined : JSON.stringify(call.json),
  });
  const date = answer.headers.get('date');
  if (date) {
    // the header has whole seconds: only a clock that is really off counts
    const off = Date.parse(date) - Date.now();
    skew = Math.abs(off) > 1500 ? off : 0;
  }
  if (answer.status === 204 || answer.status === 304) return { status: answer.status, data: null };
  const body = await answer.json().catch(() => null);
  if (!answer.ok) {
    if (answer.status === 401 && path !== '/session') {
      over();
      if (method === 'GET') {
        await new Promise<void>((go) => waiting.push(go));
        return request<T>(path, call);
      }
    }
    throw failure(answer.status, body);
  }
  return { status: answer.status, data: (body?.data ?? null) as T };
}

function failure(status: number, body: any): ApiError {
  const error = body?.error;
  if (typeof error === 'string') return new ApiError(status, body.code ?? '', error, body.details ?? null);
  return new ApiError(status, error?.code ?? '', error?.message ?? `The server answered ${status}.`, error?.details ?? null);
}

/** A query string of what is set. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return set.length ? '?' + new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString() : '';
}
