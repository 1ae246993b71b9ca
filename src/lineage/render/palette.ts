export interface Palette {
  readonly paper: string;
  readonly card: string;
  readonly head: string;
  readonly border: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
  readonly upstream: string;
  readonly downstream: string;
  readonly added: string;
  readonly removed: string;
  readonly changed: string;
}

/** Words have a contrast of at least 4.5 to 1 on paper and cards, lines 3 to 1. */
export const light: Palette = {
  paper: '#f6f7f9',
  card: '#ffffff',
  head: '#edf0f4',
  border: '#b9c1cc',
  ink: '#1a2330',
  faint: '#586474',
  line: '#7f8b9b',
  accent: '#5b35c9',
  upstream: '#0a60c2',
  downstream: '#a84e00',
  added: '#14763a',
  removed: '#bd1f2d',
  changed: '#7d6200',
};

export const dark: Palette = {
  paper: '#12161c',
  card: '#1b212a',
  head: '#262e39',
  border: '#48535f',
  ink: '#e6eaf0',
  faint: '#a0acba',
  line: '#77838f',
  accent: '#b59bff',
  upstream: '#6cb2ff',
  downstream: '#ffac5e',
  added: '#5bd184',
  removed: '#ff7f86',
  changed: '#e2c04f',
};
