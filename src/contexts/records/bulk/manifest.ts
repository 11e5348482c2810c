/** A file of an answer, as the job keeps it. */
export type AnswerFile = {
  readonly list: 'output' | 'deleted' | 'error';
  readonly type: string;
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
};

/** What a job that answers with files returns; its secret opens them. */
export type FileAnswer = {
  readonly at: string;
  readonly request: string;
  /** base64 of 32 bytes. */
  readonly secret: string;
  readonly files: readonly AnswerFile[];
  /** What was left out, in words; the same is in the error file. */
  readonly told: readonly string[];
};

export function isFileAnswer(result: unknown): result is FileAnswer {
  return typeof result === 'object' && result !== null && 'files' in result && 'secret' in result;
}

/** Bulk Data Access 2.0, response - output manifest; R4 async.html for other requests. */
export function manifest(
  { at, request, files }: FileAnswer,
  address: (name: string) => string,
  requiresAccessToken: boolean,
) {
  const list = (which: AnswerFile['list']) =>
    files
      .filter((file) => file.list === which)
      .map(({ type, name, records, bytes }) => {
        // `count` is the standard's; the bytes of the text are ours, as an extension.
        return { type, url: address(name), count: records, extension: { bytes } };
      });
  return {
    transactionTime: at,
    request,
    requiresAccessToken,
    output: list('output'),
    deleted: list('deleted'),
    error: list('error'),
  };
}
