import { DefaultFailureConverter } from '@temporalio/common';

/** Puts message and stack of a failure into a payload, which is encrypted; in their place stands "Encoded failure". */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
