import { useState } from 'react';
import { codeOf } from '../../api/errors';
import { CATEGORY_WORDS, REASON_WORDS, type Category, type ReasonCode } from '../../model/emergency';
import { dayOf, inSentence } from '../../model/words';
import type { EmergencyColleague, EmergencyFound } from '../../wire.gen';
import { Banner, Button, Card, Checkbox, Select, TextArea, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

const CATEGORIES = Object.keys(CATEGORY_WORDS) as Category[];
const NEEDS_COSIGNER = ['cosigner_needed', 'BREAK_GLASS_NEEDS_COSIGN'];

function WhatItDoes({ found }: { found: EmergencyFound }) {
  const told = [...(found.has_account ? [found.name] : []), ...found.officers.map((name) => `${name} (privacy officer)`)];
  return (
    <ul className="plain-list">
      <li>
        Opens what you choose below, to read, for at most {found.hours} hours and {found.history_days} days back.
      </li>
      <li>Never opens therapy notes, and nothing can be written, exported or recorded.</li>
      <li>{told.length ? `${inSentence(told)} will be told at once, with your name and your reason.` : 'It is written into the patient’s ledger.'}</li>
      {found.has_account ? null : <li>The patient has no account and reads nothing here: tell them yourself when you can.</li>}
      <li>A privacy officer reviews it within 72 hours.</li>
    </ul>
  );
}

/** The declaration itself: what, why, and one’s word for it. */
export function DeclareForm({ found, colleagues, onDone }: { found: EmergencyFound; colleagues: readonly EmergencyColleague[]; onDone: () => void }) {
  const { emergencies } = useModel();
  const [categories, setCategories] = useState<Category[]>(['message', 'medication', 'allergy']);
  const [code, setCode] = useState<ReasonCode | null>(null);
  const [reason, setReason] = useState('');
  const [isAttested, setAttested] = useState(false);
  const [needsCosigner, setNeedsCosigner] = useState(false);
  const [cosigner, setCosigner] = useState<string | null>(null);
  const { isActing, trouble, act } = useAct();
  const toggle = (category: Category, on: boolean) => setCategories(on ? [...categories, category] : categories.filter((one) => one !== category));
  const isReady = categories.length > 0 && code !== null && reason.trim().length >= 10 && isAttested && (!needsCosigner || cosigner !== null);
  const declare = () =>
    act(async () => {
      try {
        const made = await emergencies.declare(found.patient, { categories, reason_code: code ?? 'other', reason: reason.trim(), cosigner: needsCosigner ? cosigner : null });
        toast(made.state === 'open' ? 'Open. The patient and the privacy officer have been told.' : 'Your colleague was asked to co-sign.', 'good');
        onDone();
      } catch (error) {
        if (NEEDS_COSIGNER.includes(codeOf(error))) setNeedsCosigner(true);
        throw error;
      }
    });
  return (
    <Card as="section" tone="wait" label={`Declare an emergency for ${found.name}`}>
      <div className="stack">
        <div className="stack-0">
          <h2>{found.name}</h2>
          <p className="muted">
            Born {dayOf(Date.parse(`${found.birth_date}T12:00`))} · {found.organisation_name}
          </p>
        </div>
        {found.hours === 0 ? (
          <Banner tone="stop">{found.organisation_name} does not open records in an emergency.</Banner>
        ) : (
          <>
            <WhatItDoes found={found} />
            <fieldset className="field">
              <legend className="field-label">What do you need to see?</legend>
              <div className="emergency-choices">
                {CATEGORIES.map((category) => (
                  <Checkbox key={category} isSelected={categories.includes(category)} onChange={(on) => toggle(category, on)}>
                    {CATEGORY_WORDS[category]}
                  </Checkbox>
                ))}
              </div>
            </fieldset>
            <Select label="Reason" choices={(Object.keys(REASON_WORDS) as ReasonCode[]).map((id) => ({ id, name: REASON_WORDS[id] }))} value={code} onChange={setCode} />
            <TextArea label="In your words" hint="The patient reads this. At least ten characters." rows={3} value={reason} onChange={setReason} />
            {needsCosigner ? (
              colleagues.length ? (
                <Select
                  label="Who co-signs"
                  hint="A colleague with the same duty, at their own screen, within the hour"
                  choices={colleagues.map((one) => ({ id: one.user, name: one.name }))}
                  value={cosigner}
                  onChange={setCosigner}
                />
              ) : (
                <Banner tone="stop">No colleague of your organisation has this duty, so nobody can co-sign.</Banner>
              )
            ) : null}
            <Checkbox isSelected={isAttested} onChange={setAttested}>
              This is an emergency, I treat this patient in it, and I need to know this to do so.
            </Checkbox>
            {trouble ? (
              <Banner tone={needsCosigner ? 'wait' : 'stop'} live>
                {trouble}
              </Banner>
            ) : null}
          </>
        )}
        <div className="row">
          {found.hours === 0 ? null : (
            <Button look="danger" isPending={isActing} isDisabled={!isReady} onPress={() => void declare()}>
              {needsCosigner ? 'Ask to co-sign' : `Open for ${found.hours} hours`}
            </Button>
          )}
          <Button onPress={onDone}>Cancel</Button>
        </div>
      </div>
    </Card>
  );
}
