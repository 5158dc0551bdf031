# C synthesis of one kernel; run by `make csynth` in its build folder. Environment: KERNEL ROOT PART CLOCK_MHZ.
set kernel $::env(KERNEL)
set root $::env(ROOT)
open_project -reset $kernel
set_top $kernel
add_files $root/kernels/$kernel/$kernel.cpp -cflags "-std=c++17 -I$root/include -I$root/kernels/$kernel"
open_solution -reset solution -flow_target vitis
set_part $::env(PART)
create_clock -period [expr {1000.0 / $::env(CLOCK_MHZ)}]
csynth_design
exit
