import type { Card, MessageLine, OutgoingLine } from '../../model/timeline';
import { alertText, instrument, score } from '../../model/scoring';
import { answersOf } from '../../model/screening';
import { Badge, Button, Icon } from '../kit';
import { useViewer } from './viewer';

export function bandTone(total: number | null, highest: number): 'good' | 'info' | 'wait' | 'stop' | 'plain' {
  if (total === null) return 'plain';
  const share = total / highest;
  return share < 0.18 ? 'good' : share < 0.37 ? 'info' : share < 0.7 ? 'wait' : 'stop';
}

function Unknown({ text }: { text: string }) {
  return (
    <div className="stack-2">
      <p className="message-text">{text}</p>
      <p className="small muted">This card needs a newer version of the app; this is its plain text.</p>
    </div>
  );
}

function Request({ line, name, onAnswer }: { line: MessageLine | OutgoingLine; name: string; onAnswer: (line: MessageLine) => void }) {
  const viewer = useViewer();
  const isAnswered = line.kind === 'message' && !viewer.open.has(line.msgId);
  return (
    <div className="clinical">
      <p className="clinical-head">
        <Icon name="clipboard" size={18} />
        <span className="strong">{name} asked for</span>
        {isAnswered ? <Badge tone="good">Answered</Badge> : <Badge tone="wait">Waiting</Badge>}
      </p>
      <p className="small muted">
        {viewer.isPatient ? 'Ten short questions about the last two weeks. It takes about three minutes.' : 'The patient answers on their own device. The server never sees the questions or the answers.'}
      </p>
      {viewer.isPatient && !isAnswered && line.kind === 'message' ? (
        <Button look="primary" icon="clipboard" onPress={() => onAnswer(line)}>
          Answer now
        </Button>
      ) : null}
    </div>
  );
}

function Response({ card }: { card: Extract<Card, { kind: 'screening.response' }> }) {
  const viewer = useViewer();
  const chosen = instrument(card.instrument);
  if (!chosen) return <Unknown text="A questionnaire was answered." />;
  const answers = answersOf(chosen, card.resource);
  const result = score(chosen, answers);
  const highest = chosen.items.length * 3;
  const difficulty = chosen.unscored[0]?.answers.find((answer) => answer.value === answers[chosen.unscored[0]?.id ?? ''])?.text;
  return (
    <div className="clinical">
      <p className="clinical-head">
        <Icon name="clipboard" size={18} />
        <span className="strong">{chosen.name}</span>
      </p>
      <p className="clinical-score">
        <span className="clinical-total">{result.total ?? '–'}</span>
        <span className="muted">of {highest}</span>
        {result.band ? <Badge tone={bandTone(result.total, highest)}>{result.band}</Badge> : <Badge>Not complete</Badge>}
      </p>
      {!viewer.isPatient && result.alerts.some((name) => name.startsWith('item')) ? (
        <p className="clinical-alert">
          <Icon name="alert" size={18} />
          <span>{alertText(chosen, result.alerts.find((name) => name.startsWith('item')) ?? '')}</span>
        </p>
      ) : null}
      <details>
        <summary className="small">Each answer</summary>
        <ol className="answers">
          {chosen.items.map((item) => {
            const given = chosen.answers.find((answer) => answer.value === answers[item.id]);
            return (
              <li key={item.id} className={item.id === '9' && (given?.value ?? 0) > 0 ? 'answer-alert' : undefined}>
                <span>{item.text}</span>
                <span className="strong">{given ? `${given.text} (${given.value})` : 'No answer'}</span>
              </li>
            );
          })}
        </ol>
        {difficulty ? <p className="small muted">Difficulty at work, at home or with people: {difficulty.toLowerCase()}.</p> : null}
      </details>
    </div>
  );
}

/** A card as clinicians and the patient read it; a kind this app does not know shows its plain text. */
export function CardView({ line, card, onAnswer }: { line: MessageLine | OutgoingLine; card: Card; onAnswer: (line: MessageLine) => void }) {
  switch (card.kind) {
    case 'screening.request':
      return <Request line={line} name={instrument(card.instrument)?.name ?? card.instrument} onAnswer={onAnswer} />;
    case 'screening.response':
      return <Response card={card} />;
    default: {
      card satisfies never;
      return <Unknown text={line.text} />;
    }
  }
}
