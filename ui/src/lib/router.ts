/** Places by hash. A place is a value; everything unknown is 오늘. */
import type { Shelf } from './contract';

export type Place =
  | { at: 'today' }
  | { at: 'shelf'; shelf: Shelf; id: string | null }
  | { at: 'shelves' }
  | { at: 'receive' }
  | { at: 'present' }
  | { at: 'check' }
  | { at: 'history'; id: string | null }
  | { at: 'settings' }
  | { at: 'more' };

export const shelfPath: Record<Shelf, string> = { id: 'ids', notice: 'notices', benefit: 'papers' };
const shelfOf: Record<string, Shelf> = { ids: 'id', notices: 'notice', papers: 'benefit' };

function decode(part: string | undefined): string | null {
  if (!part) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export function parsePlace(hash: string): Place {
  const [first = '', second] = hash.replace(/^#\/?/, '').split('/');
  const shelf = shelfOf[first];
  if (shelf) return { at: 'shelf', shelf, id: decode(second) };
  switch (first) {
    case 'shelves': case 'receive': case 'present': case 'check': case 'settings': case 'more': return { at: first };
    case 'history': return { at: 'history', id: decode(second) };
    default: return { at: 'today' };
  }
}

export function pathOf(place: Place): string {
  switch (place.at) {
    case 'today': return '#/';
    case 'shelf': return `#/${shelfPath[place.shelf]}${place.id ? `/${encodeURIComponent(place.id)}` : ''}`;
    case 'history': return `#/history${place.id ? `/${encodeURIComponent(place.id)}` : ''}`;
    default: return `#/${place.at}`;
  }
}
export const paperPath = (shelf: Shelf, id: string): string => pathOf({ at: 'shelf', shelf, id });
