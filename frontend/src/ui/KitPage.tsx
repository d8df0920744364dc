import { useState } from 'react';
import { Avatar, Badge, Banner, Button, Card, Checkbox, Dialog, EmptyState, IconButton, Menu, Page, RadioGroup, SearchField, Select, Switch, Table, Tabs, TextArea, TextField, toast, Toasts } from './kit';

const PEOPLE = ['Dr. Elena Marsh', 'Dr. Samuel Okafor', 'Dr. Priya Nair', 'Tom Becker', 'Dr. Chidi Eze', 'Maya Lindqvist'];

/** Every piece of the kit on one page, for looking at it in both themes and at both widths. */
export function KitPage() {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState<'a' | 'b' | null>('a');
  return (
    <main>
      <Page title="The kit" lead="Everything the pages are made of." actions={<Button look="primary" icon="plus" onPress={() => setOpen(true)}>Open a dialog</Button>}>
        <div className="row">
          <Button look="primary">Primary</Button>
          <Button>Secondary</Button>
          <Button look="quiet">Quiet</Button>
          <Button look="danger">Withdraw</Button>
          <Button look="danger-quiet">Refuse</Button>
          <Button look="primary" isPending>Signing</Button>
          <Button isDisabled>Disabled</Button>
          <IconButton icon="send" label="Send" look="primary" />
          <Menu label="More" choices={[{ id: 'a', name: 'Reply', icon: 'message', onAction: () => toast('Replied') }]} />
        </div>
        <div className="row">{PEOPLE.map((name) => <Avatar key={name} name={name} />)}<Avatar name="Maya Lindqvist" patient size="lg" /></div>
        <div className="row"><Badge>Plain</Badge><Badge tone="brand">3</Badge><Badge tone="info">Info</Badge><Badge tone="wait">Waiting</Badge><Badge tone="stop">Urgent</Badge><Badge tone="good">In force</Badge></div>
        <Banner tone="info" title="You are reading with Maya’s permission">Until 23 November 2027.</Banner>
        <Banner tone="wait" title="Waiting for the patient’s permission" action={<Button size="sm">Remind</Button>}>Nothing is shown until then.</Banner>
        <Banner tone="stop" title="This message cannot be verified">E_SIG. Do not act on it.</Banner>
        <Banner tone="good" title="Signed">Dr. Okafor can read now.</Banner>
        <Card>
          <div className="stack">
            <TextField label="E-mail" hint="The one your organisation knows" type="email" placeholder="you@example.org" />
            <TextField label="Password" type="password" error="That password does not match." />
            <TextArea label="Why do you ask?" />
            <Select label="Role" choices={[{ id: 'a', name: 'Psychiatrist' }, { id: 'b', name: 'Therapist', detail: 'Talks' }]} value={reason} onChange={setReason} />
            <RadioGroup label="What may they read of what was written before?" choices={[{ id: 'a', name: 'Nothing before today', detail: 'They start with an empty page.' }, { id: 'b', name: 'Everything in this conversation' }]} value={reason} onChange={setReason} />
            <Checkbox>I have read who would see what</Checkbox>
            <Switch>Dark theme</Switch>
            <SearchField label="Search" placeholder="Name, specialty or organisation" />
          </div>
        </Card>
        <Tabs label="Views" items={[{ id: 'a', name: 'Conversation', content: 'One' }, { id: 'b', name: 'Screening', content: 'Two' }]} />
        <Table caption="Ledger" columns={[{ id: 'who', name: 'Who', cell: (r: string) => r, header: true }, { id: 'what', name: 'What', cell: () => 'Read the conversation' }]} rows={PEOPLE} rowKey={(r) => r} />
        <Card><EmptyState icon="people" title="No patients yet">Invitations you accept show here.</EmptyState></Card>
      </Page>
      <Dialog title="Ask a colleague" isOpen={isOpen} onClose={() => setOpen(false)} footer={<><Button onPress={() => setOpen(false)}>Cancel</Button><Button look="primary">Ask Maya for permission</Button></>}>
        <p>Dr. Okafor sees nothing until Maya agrees.</p>
        <SearchField label="Search" placeholder="Name" />
      </Dialog>
      <Toasts />
    </main>
  );
}
