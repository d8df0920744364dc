import { useEffect, useState } from 'react';
import type { OpenedFile } from '../../model/downloads';
import { Button, Dialog, Spinner } from '../kit';
import { useObjectUrl } from './useObjectUrl';

const MOST_TEXT_BYTES = 500_000;

/** Shows a picture or a text. Nothing else is ever shown: a page or a drawing that can run a script is only saved. */
export function FileDialog({ name, opened, onClose, onSave }: { name: string; opened: OpenedFile; onClose: () => void; onSave: () => void }) {
  return (
    <Dialog
      title={name}
      isOpen
      onClose={onClose}
      size="lg"
      footer={
        <Button icon="save" onPress={onSave}>
          Save
        </Button>
      }
    >
      {opened.kind.shown === 'image' ? <Picture name={name} content={opened.content} /> : opened.kind.shown === 'text' ? <Words content={opened.content} /> : <p>This is a {opened.kind.words}. It can be saved, and opened outside of this app.</p>}
    </Dialog>
  );
}

function Picture({ name, content }: { name: string; content: Blob }) {
  const address = useObjectUrl(content);
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <p>This picture cannot be read. You can still save it.</p>;
  return address ? <img className="file-picture" src={address} alt={name} onError={() => setBroken(true)} /> : <Spinner label="Opening the picture" />;
}

function Words({ content }: { content: Blob }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let isThere = true;
    const read = async () => {
      const words = await content.slice(0, MOST_TEXT_BYTES).text();
      if (isThere) setText(words);
    };
    void read();
    return () => {
      isThere = false;
    };
  }, [content]);
  if (text === null) return <Spinner label="Opening the text" />;
  return (
    <>
      <pre className="file-text">{text}</pre>
      {content.size > MOST_TEXT_BYTES ? <p className="small muted">Only the beginning is shown. Save the file to read all of it.</p> : null}
    </>
  );
}
