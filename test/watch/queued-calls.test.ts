import { QueuedCalls } from '../../src/watch/queued-calls';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const newSignal = () => new AbortController().signal;

test('the time in which several calls of a look wait counts once', () => {
  const calls = new QueuedCalls();
  const signal = newSignal();
  calls.waits(signal);
  jest.advanceTimersByTime(100);
  calls.waits(signal);
  jest.advanceTimersByTime(200);
  calls.left(signal);
  jest.advanceTimersByTime(300);
  calls.left(signal);
  jest.advanceTimersByTime(1000);
  expect(calls.queuedMs(signal)).toBe(600);
});

test('the time between two waits is the service’s, and a wait counts before it is over', () => {
  const calls = new QueuedCalls();
  const signal = newSignal();
  calls.waits(signal);
  jest.advanceTimersByTime(100);
  calls.left(signal);
  jest.advanceTimersByTime(5000);
  calls.waits(signal);
  jest.advanceTimersByTime(20);
  expect(calls.queuedMs(signal)).toBe(120);
});

test('looks are told apart, and one that never waited is none', () => {
  const calls = new QueuedCalls();
  const [signal, other] = [newSignal(), newSignal()];
  calls.waits(signal);
  jest.advanceTimersByTime(100);
  calls.left(other);
  expect(calls.queuedMs(other)).toBe(0);
  expect(calls.isUnderWay(other)).toBe(false);
  expect(calls.queuedMs(signal)).toBe(100);
});

test('a look is under way for a while after a call of it was let go', () => {
  const calls = new QueuedCalls();
  const signal = newSignal();
  calls.waits(signal);
  expect(calls.isUnderWay(signal)).toBe(false);
  calls.left(signal);
  expect(calls.isUnderWay(signal)).toBe(true);
  jest.advanceTimersByTime(60_000);
  expect(calls.isUnderWay(signal)).toBe(false);
});
