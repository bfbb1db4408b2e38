cwlVersion: v1.2
class: Workflow
doc: Align paired reads in chunks, and call the variants.
requirements:
  ScatterFeatureRequirement: {}
  StepInputExpressionRequirement: {}
inputs:
  packed_reference: File
  reads_1: File
  reads_2: File
  reads_per_chunk:
    type: int
    default: 1000
steps:
  unpack:
    run: tools/unpack.cwl
    in:
      packed: packed_reference
      name: {default: reference.fa}
    out: [unpacked]
  index:
    run: tools/index.cwl
    in: {reference: unpack/unpacked}
    out: [indexed]
  split_1:
    run: tools/split.cwl
    in: {reads: reads_1, reads_per_chunk: reads_per_chunk}
    out: [chunks]
  split_2:
    run: tools/split.cwl
    in: {reads: reads_2, reads_per_chunk: reads_per_chunk}
    out: [chunks]
  align:
    run: tools/align.cwl
    scatter: [first, second]
    scatterMethod: dotproduct
    in: {reference: index/indexed, first: split_1/chunks, second: split_2/chunks}
    out: [aligned]
  merge:
    run: tools/merge.cwl
    in: {aligned: align/aligned}
    out: [merged]
  call:
    run: tools/call.cwl
    in: {reference: index/indexed, merged: merge/merged}
    out: [variants]
outputs:
  variants:
    type: File
    outputSource: call/variants
