// What webhooks were told of a conversation.

import { api, query, type Webhook, type WebhookEvent } from './api';

export interface Told {
  hook: Webhook;
  event: WebhookEvent;
}

export const DELIVERY: Record<WebhookEvent['delivery_status'], [words: string, tone: string]> = {
  FAILED: ['given up', 'bad'],
  RETRYING: ['being retried', 'warn'],
  PENDING: ['waiting', 'muted'],
  DELIVERED: ['delivered', 'ok'],
};

/** Of each webhook the last 100. */
export async function deliveries(conversation: string): Promise<Told[]> {
  const { webhooks } = await api<{ webhooks: Webhook[] }>('/webhooks?page_size=100');
  const lists = await Promise.all(webhooks.map(async (hook) => {
    const list = await api<{ events: WebhookEvent[] }>(`/webhooks/${hook.id}/events${query({ search: conversation, page_size: 100 })}`).catch(() => ({ events: [] }));
    return list.events.map((event) => ({ hook, event }));
  }));
  return lists.flat();
}

export const settled = ({ event }: Told) => event.delivery_status === 'DELIVERED' || event.delivery_status === 'FAILED';

export const worst = (list: Told[]) =>
  (Object.keys(DELIVERY) as WebhookEvent['delivery_status'][]).find((status) => list.some((one) => one.event.delivery_status === status)) ?? 'DELIVERED';
