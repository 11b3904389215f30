import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/catalog.ts';

/** INDEXED_VALUE_TYPE_KEYWORD of temporal/api/enums/v1/common.proto. */
const KEYWORD = 2 as const;

/** Makes those of our search attributes that the namespace lacks. */
export async function ensureSearchAttributes(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5000 });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})));
    if (!missing.length) return;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}
