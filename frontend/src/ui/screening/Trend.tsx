import type { Result } from '../../model/screening';
import { shortDayOf } from '../../model/words';
import { Badge } from '../kit';
import { bandTone } from '../thread/CardView';

const WIDTH = 288;
const HEIGHT = 132;
const LEFT = 24;
const BOTTOM = 20;
const TOP = 8;

/** The course of a score: bands as ground, a line, and every value in the table beside it. */
export function Trend({ results }: { results: readonly Result[] }) {
  const first = results[0];
  const last = results[results.length - 1];
  if (!first || !last) return null;
  const chosen = first.instrument;
  const highest = chosen.items.length * 3;
  const scored = results.filter((result): result is Result & { score: { total: number } } => result.score.total !== null);
  const x = (index: number) => LEFT + (scored.length < 2 ? (WIDTH - LEFT) / 2 : (index * (WIDTH - LEFT - 12)) / (scored.length - 1) + 4);
  const y = (value: number) => TOP + (1 - value / highest) * (HEIGHT - TOP - BOTTOM);
  const points = scored.map((result, index) => `${x(index)},${y(result.score.total)}`).join(' ');
  return (
    <figure className="trend">
      <figcaption className="row-between">
        <span className="strong">{chosen.name}</span>
        {last.score.band ? <Badge tone={bandTone(last.score.total, highest)}>{last.score.band}</Badge> : null}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${chosen.name} over time: ${scored.map((result) => `${shortDayOf(result.line.at)} ${result.score.total}`).join(', ')}`}>
        {chosen.bands.map((band, index) => (
          <rect key={band.name} className={`trend-band trend-band-${index % 2}`} x={LEFT} width={WIDTH - LEFT} y={y(Math.min(band.to + 1, highest))} height={Math.max(0, y(band.from) - y(Math.min(band.to + 1, highest)))} />
        ))}
        {[0, ...chosen.bands.slice(1).map((band) => band.from)].map((value) => (
          <text key={value} className="trend-tick" x={LEFT - 6} y={y(value) + 3.5} textAnchor="end">
            {value}
          </text>
        ))}
        {scored.length > 1 ? <polyline className="trend-line" points={points} /> : null}
        {scored.map((result, index) => (
          <circle key={result.line.key} className="trend-dot" cx={x(index)} cy={y(result.score.total)} r="4" />
        ))}
        {scored[0] ? (
          <text className="trend-tick" x={LEFT} y={HEIGHT - 4}>
            {shortDayOf(scored[0].line.at)}
          </text>
        ) : null}
        {scored.length > 1 ? (
          <text className="trend-tick" x={WIDTH} y={HEIGHT - 4} textAnchor="end">
            {shortDayOf(scored[scored.length - 1]?.line.at ?? 0)}
          </text>
        ) : null}
      </svg>
      <table className="trend-table">
        <caption className="visually-hidden">{chosen.name}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Total</th>
            <th scope="col">Change</th>
            <th scope="col">Item 9</th>
          </tr>
        </thead>
        <tbody>
          {[...results].reverse().map((result) => (
            <tr key={result.line.key}>
              <th scope="row">{shortDayOf(result.line.at)}</th>
              <td>{result.score.total ?? 'Not complete'}</td>
              <td>{change(result)}</td>
              <td className={(result.answers['9'] ?? 0) > 0 ? 'answer-alert' : undefined}>{result.answers['9'] ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function change(result: Result): string {
  if (result.previous === null || result.score.total === null) return '–';
  const difference = result.score.total - result.previous;
  const words = Math.abs(difference) >= result.instrument.change.reliable ? ' (reliable)' : '';
  return `${difference > 0 ? '+' : difference < 0 ? '−' : '±'}${Math.abs(difference)}${words}`;
}
