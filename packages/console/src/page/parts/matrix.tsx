import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Cell, Row } from '../model/list-rows.ts';
import { CellContent } from './cell-content.tsx';

export interface MatrixProps {
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  /** What an app would reach, by service, where that is asked for. */
  readonly reach?: { readonly title: string; readonly find: (service: string) => Cell | undefined } | undefined;
  readonly selected?: { readonly service: string; readonly stage: string } | undefined;
  readonly now: number;
  readonly onSelect: (service: string, stage: string) => void;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * Services × stages as an ARIA grid: one tab stop, arrow keys between the cells. The browser skips the layout of rows that are
 * out of sight.
 */
export function Matrix({ rows, columns, reach, selected, now, onSelect }: MatrixProps): JSX.Element {
  const grid = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const isMoved = useRef(false);
  const width = columns.length + (reach ? 1 : 0);
  const active = { row: clamp(place.row, rows.length), column: clamp(place.column, width) };

  useLayoutEffect(() => {
    if (!isMoved.current) return;
    isMoved.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-place="${active.row}-${active.column}"]`)?.focus();
  });

  function move(event: KeyboardEvent): void {
    const next = findNext(event, active, { rows: rows.length, columns: width });
    if (!next) return;
    event.preventDefault();
    isMoved.current = true;
    setPlace(next);
  }

  return (
    <div
      ref={grid}
      class="matrix"
      role="grid"
      aria-label="Services by stages"
      aria-rowcount={rows.length + 1}
      aria-colcount={width + 1}
      style={{ '--columns': width }}
      onKeyDown={move}
    >
      <div role="row" class="row head" aria-rowindex={1}>
        <span role="columnheader">Service</span>
        {reach && <span role="columnheader">{reach.title}</span>}
        {columns.map((stage) => (
          <span key={stage} role="columnheader">
            {stage}
          </span>
        ))}
      </div>
      {rows.map((row, index) => (
        <MatrixRow
          key={row.service}
          row={row}
          index={index}
          reached={reach?.find(row.service)}
          hasReach={reach !== undefined}
          active={active.row === index ? active.column : undefined}
          selectedStage={selected?.service === row.service ? selected.stage : undefined}
          now={now}
          onSelect={onSelect}
        />
      ))}
    </div>
  );
}

interface MatrixRowProps {
  readonly row: Row;
  readonly index: number;
  readonly reached: Cell | undefined;
  readonly hasReach: boolean;
  /** The column with the tab stop. */
  readonly active: number | undefined;
  readonly selectedStage: string | undefined;
  readonly now: number;
  readonly onSelect: (service: string, stage: string) => void;
}

const MatrixRow = memo(function ShowRow(props: MatrixRowProps): JSX.Element {
  const { row, index, reached, hasReach, active, selectedStage, now, onSelect } = props;
  const cells = hasReach ? [reached, ...row.cells] : row.cells;
  return (
    <div role="row" class={`row ${row.severity}`} aria-rowindex={index + 2}>
      <span role="rowheader" class="service">
        {row.service}
      </span>
      {cells.map((cell, column) => {
        const isReach = hasReach && column === 0;
        const stage = cell?.stage ?? '';
        return (
          <span key={isReach ? '' : stage} role="gridcell" aria-selected={!isReach && stage === selectedStage}>
            <button
              type="button"
              class={`cell ${isReach ? 'reached' : ''}`}
              data-stage={isReach ? `reached: ${stage || 'nothing'}` : stage}
              data-place={`${index}-${column}`}
              tabIndex={column === active ? 0 : -1}
              aria-disabled={cell === undefined}
              onClick={() => cell && onSelect(row.service, stage)}
            >
              <span class="unseen">{`${row.service} in ${isReach ? 'reach' : stage}: `}</span>
              <CellContent cell={cell} now={now} isBorrowed={isReach} />
            </button>
          </span>
        );
      })}
    </div>
  );
});

/** The cell that a key leads to: as in the grid pattern of the ARIA authoring practices. */
function findNext(
  { key, ctrlKey }: KeyboardEvent,
  { row, column }: Place,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Place | undefined {
  const to = (nextRow: number, nextColumn: number) => ({
    row: clamp(nextRow, rows),
    column: clamp(nextColumn, columns),
  });
  if (key === 'ArrowDown') return to(row + 1, column);
  if (key === 'ArrowUp') return to(row - 1, column);
  if (key === 'ArrowRight') return to(row, column + 1);
  if (key === 'ArrowLeft') return to(row, column - 1);
  if (key === 'PageDown') return to(row + 10, column);
  if (key === 'PageUp') return to(row - 10, column);
  if (key === 'Home') return to(ctrlKey ? 0 : row, 0);
  if (key === 'End') return to(ctrlKey ? rows - 1 : row, columns - 1);
  return undefined;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(index, length - 1));
}
