import { describe, expect, it } from 'vitest';
import { toBase64Url } from './bytes';
import { isLying, kindOf, UNKNOWN } from './fileKinds';
import { savedName, sizeInWords, visibleName } from './fileNames';
import { fileOf, previewPicture } from './files';

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const bytes = (...values: number[]) => Uint8Array.from(values);
const PNG = bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0);

describe('the kind of a file', () => {
  it.each([
    [PNG, 'image/png', 'image'],
    [bytes(0xff, 0xd8, 0xff, 0xe0), 'image/jpeg', 'image'],
    [ascii('GIF89a..'), 'image/gif', 'image'],
    [ascii('RIFF....WEBPVP8 '), 'image/webp', 'image'],
    [ascii('RIFF....WAVEfmt '), 'audio/wav', 'none'],
    [ascii('%PDF-1.7'), 'application/pdf', 'none'],
    [ascii('PK\u0003\u0004'), 'application/zip', 'none'],
    [ascii(`${'\0'.repeat(128)}DICM`), 'application/dicom', 'none'],
    [ascii('....ftypheic'), 'image/heic', 'none'],
    [ascii('MZ\u0090\0'), 'application/x-msdownload', 'none'],
    [ascii('\u007fELF'), 'application/x-elf', 'none'],
    [ascii('#!/bin/sh'), 'text/x-script', 'none'],
    [ascii('<?xml version="1.0"?><svg xmlns="x">'), 'image/svg+xml', 'none'],
    [ascii('\n  <!DOCTYPE html><p>'), 'text/html', 'none'],
    [ascii('words before <SCRIPT >alert(1)'), 'text/html', 'none'],
    [new TextEncoder().encode('5½ hours, naïve, سلام'), 'text/plain', 'text'],
    [bytes(), UNKNOWN.type, 'none'],
    [bytes(0, 1, 2, 3), UNKNOWN.type, 'none'],
    [bytes(0x41, 0xff, 0xfe), UNKNOWN.type, 'none'],
  ])('is what its bytes say', (content, type, shown) => {
    expect(kindOf(content)).toMatchObject({ type, shown });
  });

  it('reads text whose telling part ends within a character', () => {
    expect(kindOf(new TextEncoder().encode('½'.repeat(700))).shown).toBe('text');
  });

  it('lies when its name ends as another kind does', () => {
    expect(isLying('scan.pdf', kindOf(ascii('%PDF-1.4')))).toBe(false);
    expect(isLying('scan.PDF', kindOf(ascii('%PDF-1.4')))).toBe(false);
    expect(isLying('scan.pdf', kindOf(ascii('MZ')))).toBe(true);
    expect(isLying('scan', kindOf(PNG))).toBe(true);
    expect(isLying('scan.xyz', UNKNOWN)).toBe(false);
  });
});

describe('the name of a file', () => {
  it('hides nothing', () => {
    expect(visibleName('invoice\u202efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe');
    expect(visibleName('a\u0000b\nc\u200bd\ufeff\u{e0041}')).toBe('a⟨U+0000⟩b⟨U+000A⟩c⟨U+200B⟩d⟨U+FEFF⟩⟨U+E0041⟩');
    expect(visibleName('Überweisung – Zoë 🩺.pdf')).toBe('Überweisung – Zoë 🩺.pdf');
    expect(visibleName('שלום.pdf')).toBe('שלום.pdf');
    expect(visibleName('  ')).toBe('File without a name');
    expect([...visibleName(`${'🩺'.repeat(5000)}.pdf`)]).toHaveLength(120);
  });

  it.each([
    ['../../etc/passwd', '%PDF-1.4', '_.._etc_passwd.pdf'],
    ['C:\\x\\y.pdf', '%PDF-1.4', 'C__x_y.pdf'],
    ['report\u202efdp.exe', 'MZ', 'reportfdp.exe.bin'],
    ['letter.pdf', '<html><body>', 'letter.pdf.bin'],
    ['scan.pdf', 'GIF89a', 'scan.pdf.gif'],
    ['....', 'plain words', 'file'],
    ['', '%PDF-1.4', 'file.pdf'],
  ])('is saved so that nothing runs by it: %s', (name, content, saved) => {
    expect(savedName(name, kindOf(ascii(content)))).toBe(saved);
  });

  it('says sizes as devices do', () => {
    expect([0, 999, 1000, 1_340_000, 104_857_600, 10_000_000_000].map(sizeInWords)).toEqual(['0 bytes', '999 bytes', '1.0 KB', '1.3 MB', '105 MB', '10 GB']);
  });
});

describe('the file that a body names', () => {
  const good = { key: 'A'.repeat(43), size: 9, hash: 'A'.repeat(43), name: 'a.pdf', type: 'application/pdf', preview: null };

  it('is taken when it is well formed, and only then', () => {
    expect(fileOf(good)).toEqual(good);
    const spoiled: Record<string, unknown>[] = [{ key: 'AA' }, { hash: 7 }, { size: -1 }, { size: 1.5 }, { size: '9' }, { name: null }, { type: [] }];
    for (const one of spoiled) expect(fileOf({ ...good, ...one })).toBeNull();
    for (const one of [null, 'file', [], {}]) expect(fileOf(one)).toBeNull();
  });

  it('loses a preview that is none, or too large', () => {
    const preview = { type: 'image/svg+xml', data: toBase64Url(PNG), width: 10, height: 10 };
    expect(fileOf({ ...good, preview })?.preview).toEqual(preview);
    for (const one of [{ width: 0 }, { height: 1e9 }, { data: 'A'.repeat(50_000) }, { type: 1 }]) expect(fileOf({ ...good, preview: { ...preview, ...one } })?.preview).toBeNull();
  });

  it('shows of a preview what its bytes are, whatever it calls itself', () => {
    const of = (data: string) => previewPicture({ type: 'image/png', data, width: 1, height: 1 });
    expect(of(toBase64Url(PNG))?.type).toBe('image/png');
    expect(of(toBase64Url(ascii('<svg onload="alert(1)">')))).toBeNull();
    expect(of('not base64url!')).toBeNull();
  });
});
