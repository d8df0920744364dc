import { useEffect, useRef, useState } from 'react';
import { Banner } from '../kit';

type Found = { rawValue: string };
type Detector = { detect: (source: HTMLVideoElement) => Promise<Found[]> };
type DetectorMaker = new (options: { formats: string[] }) => Detector;

const EVERY_MS = 250;

/** Whether this browser reads codes itself; where it does not, people compare the digits. */
export function canScan(): boolean {
  return 'BarcodeDetector' in window && 'mediaDevices' in navigator;
}

/** The camera, until a code was seen; the pictures go nowhere. */
export function Scanner({ onFound }: { onFound: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    let isOver = false;
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const detector = new (window as unknown as { BarcodeDetector: DetectorMaker }).BarcodeDetector({ formats: ['qr_code'] });
    const look = async () => {
      const [found] = video.current ? await detector.detect(video.current).catch(() => []) : [];
      if (isOver) return;
      if (found) onFound(found.rawValue);
      else timer = setTimeout(() => void look(), EVERY_MS);
    };
    const begin = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (isOver) {
        for (const track of stream.getTracks()) track.stop();
      } else if (video.current) {
        video.current.srcObject = stream;
        await video.current.play();
        await look();
      }
    };
    begin().catch(() => setRefused(true));
    return () => {
      isOver = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [onFound]);
  if (isRefused) return <Banner tone="wait">The camera cannot be used here. Compare the digits instead.</Banner>;
  return (
    <video ref={video} className="scanner" muted playsInline aria-label="Camera: hold the other screen in front of it">
      <track kind="captions" />
    </video>
  );
}
