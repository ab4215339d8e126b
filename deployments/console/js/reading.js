/** Files to the service, a few at a time. */
import { get, send } from "./api.js";

const AT_ONCE = 4;

/**
 * Read files.
 * @param {File[]} files
 * @param {object} restriction fields of the body that restrict the answer.
 * @param {(item: {name: string, recognition?: object, fault?: string}) => void} tell called for each in turn.
 */
export async function readFiles(files, restriction, tell) {
  const results = [];
  let next = 0;
  let told = 0;
  const work = async () => {
    while (next < files.length) {
      const place = next++;
      results[place] = await readFile(files[place], restriction);
      // In the order in which they were given, whichever came back first.
      while (results[told]) tell(results[told++]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, work));
}

async function readFile(file, restriction) {
  try {
    const body = { image_base64: await base64(file), ...restriction };
    const answer = await send("POST", "/captcha_recap_image", { body });
    return { name: file.name, recognition: await get(`/v1/recognitions/${answer.content.list_id[0]}`) };
  } catch (error) {
    return { name: file.name, fault: error.message };
  }
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("The file cannot be read."));
    reader.readAsDataURL(file);
  });
}
