import { DefaultFailureConverter } from '@temporalio/common';

/** Puts a failure's words and stack into a payload, where the codec finds them: they may quote SQL. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
