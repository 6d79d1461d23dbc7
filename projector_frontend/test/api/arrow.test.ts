import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { numbersIn, suggestionsIn, textIn } from '../../src/api/arrow';

/** What the server sends (`runs/arrow.py`), compressed: text of five rows; numbers of thirteen; text of none; suggestions. */
const TEXT =
  'H4sIAAAAAAACA31QMQ7CMAy8tAmNUJA6VKgjI49gZERi4gEgVWonJOgjGHkAD+AJ7Dws2ImD2krgynXsu9i+eO/9HUAJtjkc' +
  'ZjCwdCJTGprCizgcFXkVuDUxZiiIXVIl3lWGsS35ilwjGsdr1zd8tvRxhf8u5I68CDk3iGicSSP9U+Yh8CvZzIW7yHTA1oLH' +
  'jWPvpKUmphZkJ/W0F1uO35bm1hIXA0xN+mCg1Yon/r7tzof+2L4fp+Yium4jXcuxrlyHmfbbdaxjIzrMYG72R4eZ7G2mBJWF' +
  'd+C9OP0AwLfADBACAAA=';
const NUMBERS =
  'H4sIAAAAAAACA3WPQQoCMQxFf2fGWoYKRcrgwqMIehlhXLsRN249pkdwObv6U78oih+al4QkTUop5QQgwdQjwmOGQI9yHWMw' +
  'CrSdLNN8ufZk5jzmtSpphmuNa9VCPB7Oe7DW6n3NNtXy+3LVPFPEoA1inYq2w4oY8VLPONZtbMeNdl/grQb/NX747qvvV7ft' +
  'k3dxErHTZWIQo5jEpZjFQZwudrd5D1RMeVeAAQAA';
const EMPTY =
  'H4sIAAAAAAACA41QSQ7CMAyctO6iKkI9cODIE3gCB77CgRsSPIQn8Ax+F2biUCpBERM5Tuyxx0lKKd0AjBAGRLRo0PNEBIPR' +
  'PciRD7R15m7IaNGRPTLitaFR7kDb0gwO+cvpetS551JEe8z3SOvyXQ0865qUTPeih8zflMlirkVljOBVC+8/TP3f7/GIMvsy' +
  'T41l2NTrE+FHneY9z3RX83+s7es8u6JX4T+EBV35Jxt1sCLIAQAA';
const SUGGESTIONS =
  'H4sIAAAAAAACA41RO07DQBB9jo0dRSvkIkIpXUCXBgmJhgYuwsdZRZaSNbIxoqDgAByBkiNQ0uUClByBWywzs+PEioTEk553' +
  'Z+a98WjWe++fIiAHY4JDpDjAmG6EKNnmDX0Tzb/KHYiJN8S5xh/UK9f7iHh6DnIAjX2s2qp23OmbNDPVcO2yW1pXbN65lhLL' +
  'etWtHdeM/I81fU8aE2eqc936zjZhhhfihWreqD8pY/YUmmNkxHvblNY9SIcxMZVKhK/gGbFnNvBwvbVl7RbAp2gQhXmm4s9k' +
  'K7nuKPiPB37Wlqvbtr2uFiE2xEzybGA9tfU/dE7VY3CkL2CkO+JEZirQY0Kx2b7Fs+4nxg4p/kY6mG2IPu775Hv1fDvfDvHe' +
  'f/Gv2Ps5PWTk+8rmKpwncvqwZ/wCSOk605gCAAA=';

function sent(packed: string): ArrayBuffer {
  const bytes = gunzipSync(Buffer.from(packed, 'base64'));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

test('text comes as its different cells and codes', async () => {
  const { words, codes } = await textIn(sent(TEXT));
  expect(words).toEqual(['Ohio', 'Utah', '', '\u00dcber']);
  expect(codes).toEqual(Int8Array.of(0, 1, 2, 0, 3));
});

test('numbers come as they are, and what has none as NaN', async () => {
  const values = await numbersIn(sent(NUMBERS));
  expect([...values]).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, NaN]);
});

test('a run without samples has columns without cells', async () => {
  expect((await textIn(sent(EMPTY))).codes.length).toBe(0);
});

test('suggestions come with the labels that they follow', async () => {
  expect(await suggestionsIn(sent(SUGGESTIONS))).toEqual({
    column: 'Augen \u00e4',
    revision: 17,
    classIds: Int32Array.of(3, -1, 300),
    percent: Float32Array.of(97.5, 0, 41.25),
    second: Int32Array.of(1, -1, 3),
  });
});
