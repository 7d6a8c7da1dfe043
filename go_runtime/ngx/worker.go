package ngx

import "math/rand/v2"

// workerPID is the number that stands for a worker's process, 0 before it is
// asked for.
var workerPID float64

// WorkerPID is ngx.worker.pid(): a number that the plugin's VM keeps. There is
// one VM in each worker of the gateway.
func WorkerPID() float64 {
	if workerPID == 0 {
		workerPID = float64(1000 + rand.IntN(1<<22-1000))
	}
	return workerPID
}

// WorkerID is ngx.worker.id(): 0, as each VM is the only one it knows of.
func WorkerID() float64 { return 0 }

// WorkerCount is ngx.worker.count(): 1, for the same reason.
func WorkerCount() float64 { return 1 }
