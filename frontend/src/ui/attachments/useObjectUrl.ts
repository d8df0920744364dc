import { useEffect, useState } from 'react';

/** An address under which this page alone reaches some bytes, for as long as the component is there; '' before. */
export function useObjectUrl(content: Blob | null): string {
  const [address, setAddress] = useState('');
  useEffect(() => {
    if (!content) return;
    const made = URL.createObjectURL(content);
    setAddress(made);
    return () => {
      URL.revokeObjectURL(made);
      setAddress('');
    };
  }, [content]);
  return address;
}
