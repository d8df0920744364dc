import { useEffect, useRef } from 'react';

/** How loud the microphone hears, so that one sees before the call that it hears at all. */
export function Level({ track }: { track: MediaStreamTrack }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getByteTimeDomainData(samples);
      let peak = 0;
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample - 128));
      bar.current?.style.setProperty('transform', `scaleX(${Math.min(1, peak / 64)})`);
    }, 80);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [track]);
  return (
    <div className="level" aria-hidden="true">
      <div className="level-bar" ref={bar} />
    </div>
  );
}
