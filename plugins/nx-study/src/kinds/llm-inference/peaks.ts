/** What a GPU can do at most, by its maker: dense, without sparsity. */
export interface GpuPeak {
  /** As `nvidia-smi` names it. */
  name: RegExp;
  /** Matrix products by type, in 10¹² FLOP/s; 16-bit types accumulate in 32 bits, `float32` is without tensor cores (no TF32). */
  tflop_per_s: Partial<Record<ComputeType, number>>;
  memory_gb_per_s: number;
  source: string;
  /** Where the values were found beside it. */
  seen: string;
}

export const COMPUTE_TYPES = ['float32', 'float16', 'bfloat16'] as const;
export type ComputeType = (typeof COMPUTE_TYPES)[number];

const half = (tflop: number) => ({ float16: tflop, bfloat16: tflop });

/**
 * GPUs whose peak is known for certain; of others a study declares it. Each value was compared on 2026-11-30 with a copy of the
 * maker's table, or with a table that cites it, of another author (`seen`).
 */
export const GPU_PEAKS: readonly GpuPeak[] = [
  {
    name: /^NVIDIA H200$/,
    tflop_per_s: { float32: 66.9, ...half(989.4) },
    memory_gb_per_s: 4800,
    source: 'NVIDIA H200 Tensor Core GPU datasheet (tensor values there are with sparsity, twice the dense ones)',
    seen: 'aiwiki.ai/wiki/nvidia_h200 (memory), hmc-tech.com (66.9), itkb.uw.cz (989 dense)',
  },
  {
    name: /^NVIDIA H100 80GB HBM3$/,
    tflop_per_s: { float32: 66.9, ...half(989.4) },
    memory_gb_per_s: 3350,
    source: 'NVIDIA H100 Tensor Core GPU Architecture, table of H100 SXM5; memory: datasheet',
    seen: 'glennklockwood.com/garden/processors/h100 (66.9, 989.4); archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html (memory)',
  },
  {
    name: /^NVIDIA H100 PCIe$/,
    tflop_per_s: { float32: 51.2, ...half(756) },
    memory_gb_per_s: 2000,
    source: 'NVIDIA H100 Tensor Core GPU datasheet, H100 PCIe (1,513 with sparsity)',
    seen: 'archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html; github.com/winston-zhang-orz/gpu-specs (51.2)',
  },
  {
    name: /^NVIDIA A100-SXM4-40GB$/,
    tflop_per_s: { float32: 19.5, ...half(312) },
    memory_gb_per_s: 1555,
    source: 'NVIDIA A100 Tensor Core GPU datasheet',
    seen: 'glennklockwood.com/garden/processors/A100',
  },
  {
    name: /^NVIDIA A100-SXM4-80GB$/,
    tflop_per_s: { float32: 19.5, ...half(312) },
    memory_gb_per_s: 2039,
    source: 'NVIDIA A100 Tensor Core GPU datasheet',
    seen: 'glennklockwood.com/garden/processors/A100; thundercompute.com/blog/nvidia-a100-specs-full-guide (memory)',
  },
  {
    name: /^NVIDIA A100-PCIE-40GB$/,
    tflop_per_s: { float32: 19.5, ...half(312) },
    memory_gb_per_s: 1555,
    source: 'NVIDIA A100 Tensor Core GPU datasheet',
    seen: 'github.com/winston-zhang-orz/gpu-specs; thundercompute.com/blog/nvidia-a100-specs-full-guide',
  },
  {
    name: /^NVIDIA A100 80GB PCIe$/,
    tflop_per_s: { float32: 19.5, ...half(312) },
    memory_gb_per_s: 1935,
    source: 'NVIDIA A100 Tensor Core GPU datasheet',
    seen: 'github.com/winston-zhang-orz/gpu-specs; thundercompute.com/blog/nvidia-a100-specs-full-guide',
  },
  {
    name: /^NVIDIA A40$/,
    tflop_per_s: { float32: 37.4, ...half(149.7) },
    memory_gb_per_s: 696,
    source: 'NVIDIA A40 datasheet',
    seen: 'hmc-tech.com/gpu/nvidia-l40-vs-nvidia-a40 (37.4, 149.7); ecer.com, a copy of the datasheet (all)',
  },
  {
    name: /^NVIDIA A10$/,
    tflop_per_s: { float32: 31.2, ...half(125) },
    memory_gb_per_s: 600,
    source: 'NVIDIA A10 Tensor Core GPU datasheet',
    seen: 'github.com/winston-zhang-orz/gpu-specs',
  },
  {
    name: /^NVIDIA L4$/,
    tflop_per_s: { float32: 30.3, ...half(121) },
    memory_gb_per_s: 300,
    source: 'NVIDIA L4 Tensor Core GPU datasheet (242 with sparsity)',
    seen: 'github.com/winston-zhang-orz/gpu-specs',
  },
  {
    name: /^NVIDIA L40$/,
    tflop_per_s: { float32: 90.5, ...half(181) },
    memory_gb_per_s: 864,
    source: 'NVIDIA L40 GPU datasheet',
    seen: 'mullet.se/product.html?product_id=355414, a copy of the datasheet',
  },
  {
    name: /^NVIDIA L40S$/,
    tflop_per_s: { float32: 91.6, ...half(362) },
    memory_gb_per_s: 864,
    source: 'NVIDIA L40S GPU datasheet',
    seen: 'mullet.se/product.html?product_id=355414, a copy of the datasheet; github.com/winston-zhang-orz/gpu-specs',
  },
  {
    name: /^Tesla T4$/,
    tflop_per_s: { float32: 8.1, float16: 65 },
    memory_gb_per_s: 320,
    source: 'NVIDIA T4 datasheet; no bfloat16',
    seen: 'hmc-tech.com/gpu/nvidia-t4-vs-nvidia-v100-sxm (8.1, 65); sysrqmts.com (memory)',
  },
  {
    name: /^Tesla V100-SXM2-(16|32)GB$/,
    tflop_per_s: { float32: 15.7, float16: 125 },
    memory_gb_per_s: 900,
    source: 'NVIDIA V100 Tensor Core GPU datasheet; no bfloat16',
    seen: 'github.com/winston-zhang-orz/gpu-specs',
  },
  {
    name: /^NVIDIA GeForce RTX 4090$/,
    tflop_per_s: { float32: 82.6, ...half(165.2) },
    memory_gb_per_s: 1008,
    source: 'NVIDIA Ada GPU Architecture, appendix A',
    seen: 'gist.github.com/mikasenghaas (165 dense, memory); huggingface.co/datasets/ohdoking/gpu_spec (82.6)',
  },
];
