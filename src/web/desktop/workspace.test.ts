import { describe, expect, it } from 'vitest';
import { Workspace } from './workspace.ts';

function setUp(path = '/Contact') {
  const bar: string[] = [];
  const workspace = new Workspace(path, {
    push: (tabId, to) => bar.push(`${tabId} ${to}`),
    replace: (tabId, to) => bar.push(`${tabId} =${to}`),
  });
  const shown = () =>
    workspace.state.tabs.map((tab) => `${tab.id === workspace.state.active ? '*' : ''}${tab.path}`);
  return { workspace, bar, shown };
}

describe('the workspace', () => {
  it('navigates in one tab and writes the address bar', () => {
    const { workspace, bar, shown } = setUp();
    workspace.navigate('tab1', '/Contact/1');
    workspace.navigate('tab1', '/Contact/1');
    expect(shown()).toEqual(['*/Contact/1']);
    expect(bar).toEqual(['tab1 =/Contact', 'tab1 /Contact/1']);
  });

  it('pops here when nothing is unsaved', () => {
    const { workspace, shown } = setUp();
    expect(workspace.show('/Contact/1')).toBe('here');
    expect(shown()).toEqual(['*/Contact/1']);
  });

  it('pops beside a form with unsaved changes, which stays as it is', () => {
    const { workspace, shown } = setUp('/Case/new');
    workspace.setDirty('tab1', 'this case');
    expect(workspace.show('/Contact/1')).toBe('beside');
    expect(shown()).toEqual(['/Case/new', '*/Contact/1']);
    expect(workspace.state.tabs[0]?.dirty).toBe('this case');
  });

  it('pops a record that is open in a tab by going there', () => {
    const { workspace, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    expect(workspace.show('/Contact/1')).toBe('here');
    workspace.open('/Account');
    expect(workspace.show('/Contact/1')).toBe('here');
    expect(shown()).toEqual(['*/Contact/1', '/Account']);
  });

  it('pops in a tab of its own when told so, once', () => {
    const { workspace, shown } = setUp('/Account');
    workspace.showBeside('/Contact/1');
    workspace.showBeside('/Account');
    workspace.showBeside('/Contact/1');
    expect(shown()).toEqual(['/Account', '*/Contact/1']);
  });

  it('asks before unsaved changes are left, and stays or goes as told', () => {
    const { workspace, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    workspace.navigate('tab1', '/Account');
    expect(shown()).toEqual(['*/Contact/1']);
    workspace.stay();
    expect(workspace.state.leaving).toBeUndefined();
    workspace.navigate('tab1', '/Account');
    workspace.discard();
    expect(shown()).toEqual(['*/Account']);
    expect(workspace.state.tabs[0]?.dirty).toBeUndefined();
  });

  it('lets a changed query of the same page through', () => {
    const { workspace, shown } = setUp('/Contact/new');
    workspace.setDirty('tab1', 'this contact');
    workspace.navigate('tab1', '/Contact/new?Phone=1');
    expect(shown()).toEqual(['*/Contact/new?Phone=1']);
  });

  it('asks when the back button would leave unsaved changes, and puts the address back', () => {
    const { workspace, bar, shown } = setUp('/Contact/1');
    workspace.setDirty('tab1', 'this contact');
    workspace.wentTo('tab1', '/Account');
    expect(shown()).toEqual(['*/Contact/1']);
    expect(bar.at(-1)).toBe('tab1 /Contact/1');
    workspace.discard();
    expect(shown()).toEqual(['*/Account']);
  });

  it('goes back across tabs, and into the active one when the tab is closed meanwhile', () => {
    const { workspace, shown } = setUp('/Contact');
    workspace.open('/Account');
    workspace.wentTo('tab1', '/Contact');
    expect(shown()).toEqual(['*/Contact', '/Account']);
    workspace.close('tab2');
    workspace.wentTo('tab2', '/Account');
    expect(shown()).toEqual(['*/Account']);
  });

  it('closes a tab to its left neighbour, never the last one, and asks for a dirty one', () => {
    const { workspace, shown } = setUp('/Contact');
    workspace.close('tab1');
    expect(shown()).toEqual(['*/Contact']);
    workspace.open('/Account');
    workspace.setDirty('tab2', 'this account');
    workspace.close('tab2');
    expect(shown()).toEqual(['/Contact', '*/Account']);
    workspace.discard();
    expect(shown()).toEqual(['*/Contact']);
  });
});
