import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Cell, Row } from '../model/list-rows.ts';
import { CellContent } from './cell-content.tsx';

export interface MatrixProps {
  readonly rows: readonly Row[];
  /** Those of the rows that the filter lets through; the others stay, hidden, so that typing is fast. */
  readonly shown: readonly Row[];
  readonly columns: readonly string[];
  /** What an app would reach, by service, where that is asked for. */
  readonly reach?: { readonly title: string; readonly find: (service: string) => Cell | undefined } | undefined;
  readonly selected?: { readonly service: string; readonly stage: string } | undefined;
  readonly now: number;
  readonly onSelect: (service: string, stage: string) => void;
}

interface Place {
  /** Among the shown rows. */
  readonly row: number;
  readonly column: number;
}

/**
 * Services × stages as an ARIA grid: one tab stop, arrow keys between the cells. The browser skips the layout of rows that are
 * out of sight.
 */
export function Matrix({ rows, shown, columns, reach, selected, now, onSelect }: MatrixProps): JSX.Element {
  const grid = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const isMoved = useRef(false);
  const width = columns.length + (reach ? 1 : 0);
  const active = { row: clamp(place.row, shown.length), column: clamp(place.column, width) };
  const activeService = shown[active.row]?.service;
  const visible = useMemo(() => new Set(shown), [shown]);

  useLayoutEffect(() => {
    if (!isMoved.current) return;
    isMoved.current = false;
    grid.current?.querySelector<HTMLElement>('[role=row]:not([hidden]) [tabindex="0"]')?.focus();
  });

  function move(event: KeyboardEvent): void {
    const next = findNext(event, active, { rows: shown.length, columns: width });
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
      style={{ '--columns': width }}
      onKeyDown={move}
    >
      <div role="row" class="row head">
        <span role="columnheader">Service</span>
        {reach && <span role="columnheader">{reach.title}</span>}
        {columns.map((stage) => (
          <span key={stage} role="columnheader">
            {stage}
          </span>
        ))}
      </div>
      {rows.map((row) => (
        <div key={row.service} role="row" class={`row ${row.severity}`} hidden={!visible.has(row)}>
          <RowCells
            row={row}
            reached={reach?.find(row.service)}
            hasReach={reach !== undefined}
            active={row.service === activeService ? active.column : undefined}
            selectedStage={selected?.service === row.service ? selected.stage : undefined}
            now={now}
            onSelect={onSelect}
          />
        </div>
      ))}
    </div>
  );
}

interface RowCellsProps {
  readonly row: Row;
  readonly reached: Cell | undefined;
  readonly hasReach: boolean;
  /** The column with the tab stop. */
  readonly active: number | undefined;
  readonly selectedStage: string | undefined;
  readonly now: number;
  readonly onSelect: (service: string, stage: string) => void;
}

/** Rendered again only when the row itself has changed. */
const RowCells = memo(function ShowCells(props: RowCellsProps): JSX.Element {
  const { row, reached, hasReach, active, selectedStage, now, onSelect } = props;
  const cells = hasReach ? [reached, ...row.cells] : row.cells;
  return (
    <>
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
    </>
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
