import { buffer } from 'node:stream/consumers';
import { type SharpConstructor } from 'sharp';
import { MAX_PIXELS } from './image-header.js';
import { EXIT } from './thumbnail-exit.js';

/**
 * Makes one thumbnail in a process of its own: reads an image from its standard input, writes a WebP to its standard
 * output, and says by its exit code why it has not. It says nothing else. See ADR 0056.
 */

const SIDE = 320;
const QUALITY = 75;
/** Its loaders of SVG, TIFF, HEIF and all else are never used. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((format) => `VipsForeignLoad${format}Buffer`);

async function loadSharp(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  return sharp;
}

/** The first frame, upright, in sRGB, without any metadata. @returns an exit code instead */
async function thumbnailOf(sharp: SharpConstructor, image: Buffer): Promise<Buffer | number> {
  // Reads the header alone.
  const { height, width } = await sharp(image, { limitInputPixels: false }).metadata();
  if (width * height > MAX_PIXELS) return EXIT.tooLarge;
  return sharp(image, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
    .autoOrient()
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .toBuffer();
}

async function run(): Promise<Buffer | number> {
  const sharp = await loadSharp().catch(() => null);
  if (sharp === null) return EXIT.noLibrary;
  const image = await buffer(process.stdin);
  return thumbnailOf(sharp, image).catch(() => EXIT.damaged);
}

const made = await run();
if (typeof made === 'number') process.exit(made);
process.stdout.write(made, () => process.exit(0));
