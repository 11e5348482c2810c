import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import {
  appendLeaf,
  emptyFrontier,
  leafHash,
  nodeHash,
  packFrontier,
  rootOf,
  unpackFrontier,
} from './merkle-tree.ts';

/** The definition of RFC 6962 §2.1, word for word, to hold the incremental tree against. */
function definedRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return hash('sha256', '', 'buffer');
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

function grown(leaves: readonly Buffer[]) {
  return leaves.reduce(appendLeaf, emptyFrontier);
}

/** The inputs of the reference implementation of RFC 6962 (certificate-transparency, tree test). */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
const known: Readonly<Record<number, string>> = {
  0: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  1: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  2: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  3: 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  7: 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
};

test('the roots of 0, 1, 2, 3 and 7 leaves are those RFC 6962 implementations agree on', () => {
  const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex').toString('latin1')));
  for (const [count, root] of Object.entries(known)) {
    assert.equal(rootOf(grown(leaves.slice(0, Number(count)))).toString('hex'), root, count);
  }
});

test('the incremental root is the defined root at every size up to 130', () => {
  const leaves: Buffer[] = [];
  let frontier = emptyFrontier;
  for (let size = 0; size <= 130; size += 1) {
    assert.deepEqual(rootOf(frontier), definedRoot(leaves), `size ${size}`);
    const leaf = leafHash(`leaf ${size}`);
    leaves.push(leaf);
    frontier = appendLeaf(frontier, leaf);
  }
});

test('a frontier survives being packed, and is refused at another size', () => {
  const frontier = grown(inputs.map(leafHash));
  assert.deepEqual(rootOf(unpackFrontier(7, packFrontier(frontier))), rootOf(frontier));
  assert.throws(() => unpackFrontier(8, packFrontier(frontier)), RangeError);
});
