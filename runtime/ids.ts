import { v7 } from 'uuid';

/** UUIDv7 (RFC 9562): ordered by time, so that new rows go to the end of an index. */
export const newId = (): string => v7();
