// Honest comparisons on a noisy machine: two variants run in turns (A B B A ...) in one process, so
// that drift hits both alike; each pair of slices gives one ratio, and the answer is the median
// ratio with a bootstrap 95 % interval. Run A against A first: an interval without 1.0 means that
// the machine is too noisy to say anything. Single-threaded; costs are in whatever unit the slices
// use.
#ifndef GATEHOUSE_TESTS_BENCH_PAIRED_H_
#define GATEHOUSE_TESTS_BENCH_PAIRED_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::bench {

// Runs one slice of a variant and returns its cost per unit of work: CPU microseconds per answer,
// say. It must check its answers itself.
using Slice = std::function<double()>;

struct Interval {
  double median = 0;
  double low = 0;  // of the bootstrap 95 % interval
  double high = 0;
};

struct Comparison {
  Interval a;      // cost of A
  Interval b;      // cost of B
  Interval ratio;  // cost of B over cost of A, pair by pair: above 1, A is cheaper
};

// `pairs` pairs of slices, after `warm_up` pairs that do not count.
Comparison Compare(const Slice& a, const Slice& b, int pairs = 15, int warm_up = 1);

// The median of `values` with its bootstrap interval, from a fixed seed.
Interval MedianWithInterval(const std::vector<double>& values);

// "2.86 [2.81, 2.90]"
std::string Format(const Interval& interval, int decimals = 2);

// CPU time that the calling thread has used, in microseconds.
double ThreadCpuMicroseconds();

// CPU time that a process has used in microseconds: all its threads, those that ended too. 0 when
// there is no such process.
double ProcessCpuMicroseconds(pid_t process);

}  // namespace gatehouse::bench

#endif  // GATEHOUSE_TESTS_BENCH_PAIRED_H_
