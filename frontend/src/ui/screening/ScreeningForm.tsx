import { useState } from 'react';
import type { Instrument, Item } from '../../model/scoring';
import { Banner, Button, Dialog, RadioGroup } from '../kit';

type Answers = Record<string, number>;

function Question({ item, number, choices, value, onChange, isMissing }: { item: Item; number: number; choices: Instrument['answers']; value: number | undefined; onChange: (value: number) => void; isMissing: boolean }) {
  return (
    <RadioGroup
      label={`${number}. ${item.text}`}
      choices={choices.map((choice) => ({ id: String(choice.value), name: choice.text }))}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(Number(id))}
      error={isMissing ? 'Please choose an answer.' : undefined}
    />
  );
}

/** One page, large targets, the official text, the credit line, and where to turn if it cannot wait. */
export function ScreeningForm({ instrument, isOpen, onClose, onSubmit }: { instrument: Instrument; isOpen: boolean; onClose: () => void; onSubmit: (answers: Answers) => Promise<void> }) {
  const [answers, setAnswers] = useState<Answers>({});
  const [isChecked, setChecked] = useState(false);
  const [isSending, setSending] = useState(false);
  const missing = instrument.items.filter((item) => answers[item.id] === undefined).map((item) => item.id);
  const submit = async () => {
    setChecked(true);
    if (missing.length) return;
    setSending(true);
    try {
      await onSubmit(answers);
    } finally {
      setSending(false);
    }
  };
  const put = (id: string) => (value: number) => setAnswers((given) => ({ ...given, [id]: value }));
  return (
    <Dialog
      title={instrument.title}
      isOpen={isOpen}
      onClose={onClose}
      size="lg"
      footer={
        <>
          <Button onPress={onClose}>Not now</Button>
          <Button look="primary" isPending={isSending} onPress={() => void submit()}>
            Send my answers
          </Button>
        </>
      }
    >
      <Banner tone="wait" icon="clock" title="This form is not monitored in real time">
        If you are in danger or might hurt yourself, do not wait for an answer here: call your local emergency number, or in the United States call or text <a href="tel:988">988</a>, at any hour.
      </Banner>
      <p className="strong">{instrument.stem}</p>
      {isChecked && missing.length ? (
        <Banner tone="stop" live>
          {missing.length === 1 ? 'One question is still open.' : `${missing.length} questions are still open.`}
        </Banner>
      ) : null}
      <div className="questions">
        {instrument.items.map((item, index) => (
          <Question key={item.id} item={item} number={index + 1} choices={instrument.answers} value={answers[item.id]} onChange={put(item.id)} isMissing={isChecked && answers[item.id] === undefined} />
        ))}
        {instrument.unscored.map((item, index) => (
          <Question key={item.id} item={item} number={instrument.items.length + index + 1} choices={item.answers} value={answers[item.id]} onChange={put(item.id)} isMissing={false} />
        ))}
      </div>
      <p className="small muted">Your answers are sealed on this device. Only the people you permitted can read them.</p>
      <p className="tiny muted">{instrument.credit}</p>
    </Dialog>
  );
}
