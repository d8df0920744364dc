import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchProfile, fetchTemplates, setProfile } from '../../api/office';
import { DEFAULT_WORDS, TEMPLATE_WORDS } from '../../model/office';
import type { ProfileBody } from '../../wire.gen';
import { Banner, Button, Card, RadioGroup, Select, Spinner, Switch, TextField, toast } from '../kit';
import { useAct } from '../useAct';

type Numbers = { [Name in keyof ProfileBody as ProfileBody[Name] extends number ? Name : never]: number };

const NUMBERS: { name: keyof Numbers; label: string; hint: string }[] = [
  { name: 'longest_days', label: 'Longest permission, in days', hint: 'At most 366' },
  { name: 'review_days', label: 'Ask for a review every so many days', hint: 'The patient is asked whether it is still right' },
  { name: 'emergency_hours', label: 'Hours of emergency access', hint: '0 allows none; at most 4' },
  { name: 'emergency_history_days', label: 'Days of history in an emergency', hint: 'Nothing older is opened' },
  { name: 'majority_age', label: 'Age at which parents’ authority ends', hint: 'At the beginning of the birthday' },
  { name: 'own_consent_age', label: 'Age from which the young decide for themselves', hint: 'Unless a clinician finds otherwise' },
];

function Editor({ house, loaded, kinds }: { house: string; loaded: ProfileBody; kinds: readonly ProfileBody[] }) {
  const [rules, setRules] = useState(loaded);
  const cache = useQueryClient();
  const { isActing, trouble, act } = useAct();
  const change = (part: Partial<ProfileBody>) => setRules({ ...rules, ...part });
  const isChanged = JSON.stringify(rules) !== JSON.stringify(loaded);
  const save = () =>
    act(async () => {
      await setProfile(house, rules);
      await cache.invalidateQueries({ queryKey: ['profile', house] });
      toast('In force for every patient of the house.', 'good');
    });
  return (
    <Card as="section" label="Our rules">
      <div className="stack">
      <Banner tone="info">These bind the patients of this organisation, from the moment they are saved. A patient’s own word always goes before.</Banner>
      <Select
        label="Kind of organisation"
        hint="Choosing one fills in its usual rules; change them below."
        choices={Object.entries(TEMPLATE_WORDS).map(([id, name]) => ({ id: id as ProfileBody['template'], name }))}
        value={rules.template}
        onChange={(template) => change(kinds.find((one) => one.template === template) ?? { template })}
      />
      <RadioGroup
        label="Where the patient has said nothing, who may see what is not specially protected?"
        choices={Object.entries(DEFAULT_WORDS).map(([id, words]) => ({ id: id as ProfileBody['default'], ...words }))}
        value={rules.default}
        onChange={(chosen) => change({ default: chosen })}
      />
      <div className="filters">
        {NUMBERS.map(({ name, label, hint }) => (
          <TextField
            key={name}
            label={label}
            hint={hint}
            inputMode="numeric"
            value={String(rules[name])}
            onChange={(text) => change({ [name]: Number(text.replace(/\D/g, '')) || 0 })}
          />
        ))}
      </div>
      <Switch isSelected={rules.contentless_notices} onChange={(on) => change({ contentless_notices: on })}>
        Notices name neither sender nor conversation (shared telephones)
      </Switch>
      {trouble ? (
        <Banner tone="stop" live>
          {trouble}
        </Banner>
      ) : null}
      <div className="row">
        <Button look="primary" isPending={isActing} isDisabled={!isChanged} onPress={() => void save()}>
          Put in force
        </Button>
        <Button isDisabled={!isChanged} onPress={() => setRules(loaded)}>
          As it was
        </Button>
      </div>
      </div>
    </Card>
  );
}

/** The organisation's consent rules, editable as data. */
export function RulesCard({ house }: { house: string }) {
  const profile = useQuery({ queryKey: ['profile', house], queryFn: () => fetchProfile(house) });
  const kinds = useQuery({ queryKey: ['profiles'], queryFn: fetchTemplates });
  if (profile.isError) return <Banner tone="stop">{profile.error.message}</Banner>;
  if (!profile.data) return <Spinner label="Loading the rules" />;
  return <Editor key={JSON.stringify(profile.data)} house={house} loaded={profile.data} kinds={kinds.data?.profiles ?? []} />;
}
