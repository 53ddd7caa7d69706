// Covers how connections of triggers are kept: shared, closed when idle, opened anew after a failure.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createIdleConnections } from './idle-connections.ts';

test('users of one key share a connection until it is dropped', async () => {
  const closed: number[] = [];
  let opened = 0;
  const open = (): Promise<number> => Promise.resolve((opened += 1));
  const connections = createIdleConnections<number>((connection) => void closed.push(connection));
  expect(await connections.use('a', open)).toBe(1);
  expect(await connections.use('a', open)).toBe(1);
  expect(await connections.use('b', open)).toBe(2);
  await connections.drop('a');
  expect(await connections.use('a', open)).toBe(3);
  await connections.closeAll();
  expect(closed.toSorted()).toEqual([1, 2, 3]);
});

test('a connection that nobody uses is closed', async () => {
  const closed: string[] = [];
  const connections = createIdleConnections<string>((one) => void closed.push(one), 10);
  await connections.use('a', () => Promise.resolve('a'));
  await delay(40);
  expect(closed).toEqual(['a']);
});

test('one that did not open is not kept', async () => {
  const connections = createIdleConnections<string>(() => undefined);
  const failing = connections.use('a', () => Promise.reject(new Error('away')));
  await expect(failing).rejects.toThrow('away');
  expect(await connections.use('a', () => Promise.resolve('there'))).toBe('there');
  await connections.closeAll();
});
