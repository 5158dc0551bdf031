#!/bin/sh
# What is counted must be what the design says. usage: test.sh FOLDER_OF_RESOURCES KERNEL_FILE...
set -u
folder=$1
shift
table=$("$folder/tool" --table "$folder/processes.ll" "$folder/fifos.txt" "$@") || { echo "FAIL table"; exit 1; }
code=0
# name, process or FIFO, pattern: 8-point transforms with 20 products each, 16 of them a block; 32 float products for half
# a block; FIFO widths from their types (a mask and its length: 64 + 7 bits).
expect() {
    if printf '%s\n' "$table" | grep -qE "$2"; then echo "PASS $1"; else
        echo "FAIL $1 no line matches $2"
        code=1
    fi
}
expect products_of_the_transform '^jpegact_encode +transform_blocks .* 320/ *[0-9]+x'
expect products_of_the_inverse '^jpegact_decode +inverse_transform_blocks .* 320/ *[0-9]+x'
expect one_dsp_a_product '^jpegact_encode +transform_blocks .* 320 +[0-9]+$'
expect one_dsp_a_product_of_the_inverse '^jpegact_decode +inverse_transform_blocks .* 320 +[0-9]+$'
expect float_products '^jpegact_encode +scale_blocks .* 32 +96 +[0-9]+$'
# Prefix sums of the 8 columns and of the 8 sums.
expect two_products_in_compaction '^jpegact_encode +compact_blocks +[0-9]+/ *[0-9]+ +2/'
expect width_of_masks '^ *jpegact_decode +block_masks +[0-9]+ x +71 '
expect width_of_words '^ *jpegact_encode +value_words +128 x +512 '
exit $code
