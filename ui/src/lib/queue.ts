/** What became of answers that waited for the network, in sentences. */
import type { QueueResult } from './contract';
import { t, words } from './i18n';

/** Empty where nothing waited. */
export function said({ sent, expired, refused, failed, waiting }: QueueResult): string[] {
  return [
    ...sent.map((recipient) => t('queue.sent', { recipient: words(recipient) })),
    ...(expired > 0 ? [t('queue.expired', { count: expired })] : []),
    ...(refused > 0 ? [t('queue.refused', { count: refused })] : []),
    ...(failed > 0 ? [t('queue.failed', { count: failed })] : []),
    ...(waiting > 0 ? [t('queue.still', { count: waiting })] : []),
  ];
}
