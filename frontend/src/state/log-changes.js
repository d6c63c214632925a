/** Changes of a log. A question about it waits until the server has kept them: its figures must be those of the new prices. */
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { takeOne } from "./store.js";

/** {workloadId: how many changes are on their way} */
const changes = signal({});

export const isChanging = (workloadId) => workloadId in changes.value;

/** Keeps what the user says with the log; what is not given stays. */
export const saveAssumptions = (workloadId, change) => follow(workloadId, api.patch(`workloads/${workloadId}/assumptions/`, change));

/** Reads the log again, with another mapping or format if they are given. */
export const readAgain = (workloadId, reading) => follow(workloadId, api.post(`workloads/${workloadId}/read/`, reading));

/** Stops reading the log again: what was read before stays. */
export const stopReading = (workloadId) => follow(workloadId, api.remove(`workloads/${workloadId}/read/`));

async function follow(workloadId, request) {
  count(workloadId, 1);
  try {
    takeOne("workloads", await request);
  } finally {
    count(workloadId, -1);
  }
}

function count(workloadId, step) {
  const { [workloadId]: known = 0, ...others } = changes.value;
  changes.value = known + step === 0 ? others : { ...others, [workloadId]: known + step };
}
