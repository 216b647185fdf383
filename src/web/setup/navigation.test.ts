import { beforeEach, describe, expect, it } from 'vitest';
import { Navigation } from './navigation.ts';

let history: string[];
let navigation: Navigation;
beforeEach(() => {
  history = ['/setup/queues/1'];
  navigation = new Navigation('/setup/queues/1', {
    push: (path) => history.push(path),
    replace: (path) => history.splice(-1, 1, path),
  });
});

describe('going elsewhere', () => {
  it('happens at once when nothing is unsaved', () => {
    navigation.navigate('/setup/users');
    navigation.navigate('/setup/users?q=ada', { replace: true });
    expect(navigation.getState().path).toBe('/setup/users?q=ada');
    expect(history).toEqual(['/setup/queues/1', '/setup/users?q=ada']);
  });

  it('waits for the answer when something is, and stays or goes by it', () => {
    navigation.setDirty('this queue');
    navigation.navigate('/setup/users');
    expect(navigation.getState()).toMatchObject({ path: '/setup/queues/1', leaving: '/setup/users' });
    navigation.stay();
    expect(navigation.getState()).toMatchObject({ path: '/setup/queues/1', dirty: 'this queue' });
    expect(navigation.getState().leaving).toBeUndefined();
    navigation.navigate('/setup/users');
    navigation.discard();
    expect(navigation.getState()).toEqual({ path: '/setup/users', dirty: undefined, leaving: undefined });
  });

  it('inside the same page asks nothing', () => {
    navigation.setDirty('this queue');
    navigation.navigate('/setup/queues/1?tab=members');
    expect(navigation.getState().leaving).toBeUndefined();
  });

  it('by the back button comes back to the form and asks', () => {
    navigation.setDirty('this queue');
    navigation.wentTo('/setup/queues');
    expect(history.at(-1)).toBe('/setup/queues/1');
    expect(navigation.getState()).toMatchObject({ path: '/setup/queues/1', leaving: '/setup/queues' });
  });

  it('after saving asks nothing, though the form is still on the screen', () => {
    navigation.setDirty('this queue');
    navigation.leave('/setup/queues');
    expect(navigation.getState().path).toBe('/setup/queues');
    navigation.wentTo('/setup/queues/1');
    expect(navigation.getState().path).toBe('/setup/queues/1');
  });
});
