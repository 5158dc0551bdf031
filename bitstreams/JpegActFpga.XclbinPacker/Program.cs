using JpegActFpga.Xclbin;
using JpegActFpga.XclbinPacker;

var r = Recipe.Load(args[0]);
File.WriteAllBytes(args[2], XclbinWriter.Write(r.Describe(File.ReadAllBytes(args[1]))));
