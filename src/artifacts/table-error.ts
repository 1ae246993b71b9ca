/** A table that can't be written as it is; asking again won't help, another format may. */
export class TableError extends Error {
  override readonly name = 'TableError';

  constructor(
    readonly code: 'Table.RowWidth' | 'Table.CellTooLong' | 'Table.TooManyColumns',
    message: string,
  ) {
    super(message);
  }
}
