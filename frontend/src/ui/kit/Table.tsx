import type { ReactNode } from 'react';

export type Column<Row> = { id: string; name: string; cell: (row: Row) => ReactNode; header?: boolean; narrow?: boolean };

/** A real table; on a phone each row becomes a card whose cells carry their column's name. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  hideCaption,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  hideCaption?: boolean;
}) {
  return (
    <div className="table-frame">
      <table className="table">
        <caption className={hideCaption ? 'visually-hidden' : 'table-caption'}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.narrow ? 'cell-narrow' : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) =>
                column.header ? (
                  <th key={column.id} scope="row" data-label={column.name}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.id} data-label={column.name}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
