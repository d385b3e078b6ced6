// Sounds, made on the spot from oscillators and noise: no files to load.

type Shape = { type?: OscillatorType; from: number; to: number; seconds: number; gain: number; noise?: number };

const SOUNDS = {
  fire: [{ type: 'square', from: 760, to: 170, seconds: 0.09, gain: 0.16 }, { from: 3200, to: 900, seconds: 0.04, gain: 0.1, noise: 1 }],
  rail: [{ type: 'sawtooth', from: 1900, to: 90, seconds: 0.34, gain: 0.2 }, { from: 5200, to: 500, seconds: 0.22, gain: 0.2, noise: 1 }],
  hit: [{ type: 'triangle', from: 1250, to: 1700, seconds: 0.045, gain: 0.3 }],
  hurt: [{ type: 'sine', from: 180, to: 60, seconds: 0.16, gain: 0.5 }, { from: 900, to: 200, seconds: 0.1, gain: 0.18, noise: 1 }],
  kill: [{ type: 'triangle', from: 660, to: 660, seconds: 0.09, gain: 0.26 }, { type: 'triangle', from: 990, to: 1320, seconds: 0.26, gain: 0.26 }],
  death: [{ type: 'sawtooth', from: 320, to: 40, seconds: 0.5, gain: 0.24 }, { from: 1800, to: 120, seconds: 0.45, gain: 0.3, noise: 1 }],
  boom: [{ type: 'sine', from: 150, to: 40, seconds: 0.3, gain: 0.34 }, { from: 1500, to: 140, seconds: 0.32, gain: 0.26, noise: 1 }],
  pickup: [{ type: 'sine', from: 620, to: 940, seconds: 0.12, gain: 0.26 }, { type: 'sine', from: 1240, to: 1880, seconds: 0.16, gain: 0.12 }],
  graze: [{ type: 'sine', from: 760, to: 1180, seconds: 0.05, gain: 0.12 }],
  dash: [{ from: 500, to: 2600, seconds: 0.17, gain: 0.3, noise: 1 }],
  spawn: [{ type: 'sine', from: 240, to: 720, seconds: 0.28, gain: 0.22 }],
  spark: [{ from: 2800, to: 1400, seconds: 0.035, gain: 0.1, noise: 1 }],
  tick: [{ type: 'sine', from: 880, to: 880, seconds: 0.06, gain: 0.2 }],
  go: [{ type: 'triangle', from: 880, to: 1320, seconds: 0.3, gain: 0.28 }],
  empty: [{ type: 'square', from: 140, to: 120, seconds: 0.03, gain: 0.12 }],
} satisfies Record<string, Shape[]>;

export type SoundName = keyof typeof SOUNDS;

/** Voices at a time; a crowd of bots is not louder than that. */
const VOICES = 14;

export class Sound {
  muted = false;
  private context?: AudioContext;
  private out?: GainNode;
  private noise?: AudioBuffer;
  private voices = 0;

  /** Browsers let sound begin only with a press of the player's. */
  wake(): void {
    if (!this.context) {
      try {
        this.context = new AudioContext();
      } catch {
        return; // none on this machine
      }
      const soft = this.context.createDynamicsCompressor();
      this.out = this.context.createGain();
      this.out.connect(soft).connect(this.context.destination);
      this.setMuted(this.muted);
    }
    void this.context.resume();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (this.out) this.out.gain.value = muted ? 0 : 0.5;
  }

  /** @param x metres to the right of the listener; @param y below it */
  play(name: SoundName, x = 0, y = 0): void {
    if (!this.context || this.context.state !== 'running' || this.muted || this.voices >= VOICES) return;
    const away = Math.hypot(x, y), volume = 1 / (1 + (away / 7) ** 2);
    if (volume < 0.05) return;
    const pan = this.context.createStereoPanner();
    pan.pan.value = Math.max(-0.8, Math.min(0.8, x / 12));
    pan.connect(this.out!);
    SOUNDS[name].forEach((s: Shape, i: number) => this.voice(s, volume, name === 'kill' ? i * 0.08 : 0, pan));
  }

  private voice(s: Shape, volume: number, after: number, to: AudioNode): void {
    const c = this.context!, at = c.currentTime + after;
    const gain = c.createGain();
    gain.gain.setValueAtTime(s.gain * volume, at);
    gain.gain.exponentialRampToValueAtTime(0.0008, at + s.seconds);
    gain.connect(to);
    const bend = (p: AudioParam) => {
      p.setValueAtTime(s.from * (0.97 + Math.random() * 0.06), at);
      p.exponentialRampToValueAtTime(s.to, at + s.seconds);
    };
    const source = s.noise ? this.hiss(bend, gain) : this.tone(s.type!, bend, gain);
    this.voices++;
    source.onended = () => { this.voices--; gain.disconnect(); };
    source.start(at);
    source.stop(at + s.seconds);
  }

  private tone(type: OscillatorType, bend: (p: AudioParam) => void, to: AudioNode): AudioScheduledSourceNode {
    const o = this.context!.createOscillator();
    o.type = type;
    bend(o.frequency);
    o.connect(to);
    return o;
  }

  private hiss(bend: (p: AudioParam) => void, to: AudioNode): AudioScheduledSourceNode {
    const c = this.context!;
    if (!this.noise) {
      this.noise = c.createBuffer(1, c.sampleRate / 2, c.sampleRate);
      const data = this.noise.getChannelData(0);
      for (let i = 0; i < data.length; i++) data[i] = Math.random() * 2 - 1;
    }
    const source = c.createBufferSource(), band = c.createBiquadFilter();
    source.buffer = this.noise;
    band.type = 'bandpass';
    bend(band.frequency);
    source.connect(band).connect(to);
    return source;
  }
}
