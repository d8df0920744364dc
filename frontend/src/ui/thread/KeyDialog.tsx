import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { codeOf } from '../../api/errors';
import type { Comparing } from '../../model/comparing';
import { Badge, Banner, Button, Dialog, Spinner, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { QrCode } from './QrCode';
import { canScan, Scanner } from './Scanner';

type Person = { user: string; name: string };

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

function Typed({ number, onMatch }: { number: string; onMatch: () => void }) {
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  const check = () => {
    if (digitsOf(text) === digitsOf(number)) onMatch();
    else setWrong(true);
  };
  return (
    <div className="stack-2">
      <TextField label="Or type the digits that they read to you" value={text} onChange={setText} inputMode="numeric" />
      {isWrong ? <Banner tone="stop">These are not the same digits. Check them once more; if they still differ, do not write, and tell your privacy officer.</Banner> : null}
      <Button isDisabled={digitsOf(text).length !== digitsOf(number).length} onPress={check}>
        Check the digits
      </Button>
    </div>
  );
}

function Compare({ comparing, person, onDone }: { comparing: Comparing; person: Person; onDone: () => void }) {
  const [isScanning, setScanning] = useState(false);
  const { isActing, trouble, act } = useAct();
  const found = useQuery({ queryKey: ['keys', comparing.about, person.user], queryFn: () => comparing.compare(), gcTime: 0 });
  const accept = useCallback(
    (isVerified: boolean) =>
      act(async () => {
        await comparing.accept(isVerified);
        toast(isVerified ? `${person.name} is verified in person.` : `The new key of ${person.name} is taken.`);
        onDone();
      }),
    [act, comparing, person, onDone],
  );
  const scanned = useCallback(
    (payload: string) => {
      setScanning(false);
      void act(async () => {
        await comparing.checkScanned(payload).catch((error: unknown) => {
          if (codeOf(error) === 'E_LABEL') throw new Error('That is another kind of code. Open this page on their device too.');
          throw new Error('The keys are NOT the same on both devices. Do not write; tell your privacy officer.');
        });
        await comparing.accept(true);
        toast(`${person.name} is verified in person.`);
        onDone();
      });
    },
    [act, comparing, person, onDone],
  );
  if (!found.data) return found.isError ? <Banner tone="stop">There is nothing to compare with this person now.</Banner> : <Spinner />;
  const { number, qr, state, changed } = found.data;
  return (
    <div className="stack">
      {changed ? (
        <Banner tone="stop" title="This is another key than the one you knew">
          They may have lost their keys and begun anew, or somebody pretends to be them. Ask them, face to face or by a call in which you know their voice. Nothing is sealed for them until you have decided.
        </Banner>
      ) : (
        <p>
          {state === 'verified' ? <Badge tone="good">Verified in person</Badge> : <Badge>Certified by their organisation</Badge>} Meet, or call each other, and compare: both of you see the same digits and
          may scan the other’s code.
        </p>
      )}
      <ol className="safety" aria-label="Safety number: twelve groups of five digits">
        {number.split(' ').map((group, at) => (
          <li key={`${at}-${group}`}>{group}</li>
        ))}
      </ol>
      {isScanning ? <Scanner onFound={scanned} /> : <QrCode text={qr} label="Your code, for the other person’s camera" />}
      {canScan() ? <Button onPress={() => setScanning(!isScanning)}>{isScanning ? 'Show my code' : 'Scan their code'}</Button> : null}
      <Typed number={number} onMatch={() => void accept(true)} />
      {trouble ? <Banner tone="stop">{trouble}</Banner> : null}
      <div className="row">
        <Button look="primary" isPending={isActing} onPress={() => void accept(true)}>
          They are the same: we compared
        </Button>
        {changed ? (
          <Button isPending={isActing} onPress={() => void accept(false)}>
            Take the new key without comparing
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** Two people compare keys: digits, a code for the camera, and after a replacement the decision to go on. */
export function KeyDialog({ comparing, person, onClose }: { comparing: Comparing; person: Person; onClose: () => void }) {
  return (
    <Dialog title={`Is it really ${person.name}?`} isOpen onClose={onClose} size="sm">
      <Compare comparing={comparing} person={person} onDone={onClose} />
    </Dialog>
  );
}
